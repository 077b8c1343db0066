"""Importing standards, keeping versions of code lists, setting elements beside items."""

import hashlib
import json
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path

from django.db import transaction

from yiwang.data.standards import _document
from yiwang.data.standards.contracts import EDIT, BadDocument, BadMapping, Origin, Relation, Report
from yiwang.data.standards.models import CodeListVersion, ElementMapping, Standard, StandardItem
from yiwang.kernel.access import queries as access
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor, ActorKind, Denied
from yiwang.kernel.base.text import bigrams
from yiwang.kernel.elements import queries as elements
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.workdays import queries as workdays

_KEPT = ("format", "type", "length", "is_fixed", "note", "code_list")


@transaction.atomic
def import_document(*, path: Path, since: date | None = None, by: Actor, at: datetime) -> Report:
    """Take in a standard; what changed since the last time holds from `since` (today), what was before stays readable.

    Safe to repeat. Raises Denied, BadDocument.
    """
    _require(by)
    found, since = _document.read(path), since or workdays.legal_day(at)
    row, _ = Standard.objects.select_for_update().get_or_create(
        identifier=found.identifier, defaults={"title": found.title, "imported_at": at}
    )
    row.title, row.source, row.sha256 = found.title, found.source, found.sha256
    row.imported_at, row.imported_by = at, by.account_id
    row.save()
    created, changed, same, ended = _items(row, found, since)
    lists = [_version(each, row.identifier, since, at) for each in found.lists]
    detail = {"items": created + changed + same, "changed": changed, "lists": len(lists), "since": str(since)}
    audit.record("standards.document.imported", target=f"standard:{row.identifier}", by=by, at=at, detail=detail)
    return Report(
        row.identifier,
        created,
        changed,
        same,
        ended,
        lists.count("created"),
        lists.count("changed"),
        lists.count("unchanged"),
        found.problems,
    )


@transaction.atomic
def note_code_lists(*, by: Actor, at: datetime) -> int:
    """Keep the code lists of the packs in force as versions with their day. Safe to repeat; returns how many are new."""
    packs.refresh()
    since, new = workdays.legal_day(at), 0
    for pack in packs.all_of("CodeList"):
        listed = elements.code_list(pack.id)
        rows = tuple((item.code, str(item.name)) for item in listed.items)
        found = _document.Codes(pack.id, str(pack.title), rows)
        new += _version(found, listed.gb_identifier, since, at, Origin.PACK) != "unchanged"
    if new:
        audit.record("standards.code-lists.noted", target="standards", by=by, at=at, detail={"new": new})
    return new


@transaction.atomic
def map_element(
    *, element_id: str, identifier: str, relation: Relation = Relation.SAME, note: str = "", by: Actor, at: datetime
) -> None:
    """Set an element beside an item of a standard; again, with what is said now. Raises Denied, NoSuchElement, BadMapping."""
    _require(by)
    elements.get(element_id)
    if not StandardItem.objects.filter(identifier=identifier, until=None).exists():
        raise BadMapping("没有这个标准条目。", hint="请从标准条目列表中选。")
    same = ElementMapping.objects.select_for_update().filter(
        element_id=element_id, identifier=identifier, ended_at=None
    )
    same.update(ended_at=at)
    ElementMapping.objects.create(
        element_id=element_id, identifier=identifier, relation=relation, note=note.strip()[:300], set_at=at
    )
    detail = {"item": identifier, "relation": relation.value}
    audit.record("standards.element.mapped", target=f"element:{element_id}", by=by, at=at, detail=detail)


@transaction.atomic
def unmap_element(*, element_id: str, identifier: str, by: Actor, at: datetime) -> None:
    """End it. Raises Denied, BadMapping."""
    _require(by)
    rows = ElementMapping.objects.filter(element_id=element_id, identifier=identifier, ended_at=None)
    if not rows.update(ended_at=at):
        raise BadMapping("数据元没有对应到这个条目。", hint="请刷新后再看。")
    audit.record("standards.element.unmapped", target=f"element:{element_id}", by=by, at=at)


def _require(by: Actor) -> None:
    if by.kind is not ActorKind.SYSTEM and not access.may_anywhere(by, EDIT):
        raise Denied("您的岗位不能维护数据标准。", hint="请联系数据主管部门。")


def _items(row: Standard, found: _document.Document, since: date) -> tuple[int, int, int, int]:
    """Rows that differ end and begin anew under the same identifier; created, changed, unchanged, ended."""
    known = {(each.group, each.name): each for each in row.items.select_for_update().filter(until=None)}
    used = set(row.items.values_list("identifier", flat=True))
    fresh, closed, same = [], [], 0
    groups: dict[str, int] = {}
    for position, item in enumerate(found.items, start=1):
        groups.setdefault(item.group, len(groups) + 1)
        before = known.pop((item.group, item.name), None)
        if before is not None and all(getattr(before, name) == getattr(item, name) for name in _KEPT):
            same += 1
            continue
        identifier = before.identifier if before else _identifier(found.slug, groups[item.group], used)
        if before is not None:
            closed.append(before)
        fresh.append(_row(row, item, identifier, position, since))
    _close([*closed, *known.values()], since)
    StandardItem.objects.bulk_create(fresh)
    return len(fresh) - len(closed), len(closed), same, len(known)


def _identifier(slug: str, group: int, used: set[str]) -> str:
    """The next free number of a table; numbers are never given twice."""
    number = next(n for n in range(1, len(used) + 2) if f"{slug}.{group}.{n:02d}" not in used)
    used.add(f"{slug}.{group}.{number:02d}")
    return f"{slug}.{group}.{number:02d}"


def _row(standard: Standard, item: _document.Item, identifier: str, position: int, since: date) -> StandardItem:
    return StandardItem(
        standard=standard,
        identifier=identifier,
        group=item.group,
        position=position,
        name=item.name,
        words=sorted({*bigrams(f"{item.name} {item.group}"), identifier}),
        since=since,
        **{name: getattr(item, name) for name in _KEPT},
    )


def _close(rows: Iterable[StandardItem], since: date) -> None:
    for each in rows:
        _require_later(each.since, since, each.name)
        each.until = since
        each.save(update_fields=["until"])


def _version(codes: _document.Codes, source: str, since: date, at: datetime, origin: Origin = Origin.IMPORT) -> str:
    listed = [{"code": code, "name": name} for code, name in codes.items]
    told = json.dumps([codes.title, listed], ensure_ascii=False).encode()
    digest = hashlib.sha256(told).hexdigest()
    versions = CodeListVersion.objects.filter(list_id=codes.id)
    before = versions.select_for_update().filter(until=None).first()
    if before is not None and before.digest == digest:
        return "unchanged"
    if before is not None and before.origin != origin:
        raise BadDocument(f"代码集“{codes.id}”已由配置包维护。", hint="请换一个编号，或修改配置包。")
    if before is not None:
        _require_later(before.since, since, codes.title)
        before.until = since
        before.save(update_fields=["until"])
    CodeListVersion.objects.create(
        list_id=codes.id,
        number=(before.number if before else 0) + 1,
        title=codes.title,
        origin=origin,
        source=source,
        items=listed,
        digest=digest,
        since=since,
        recorded_at=at,
    )
    return "changed" if before else "created"


def _require_later(before: date, since: date, name: str) -> None:
    if since < before:
        raise BadDocument(f"“{name}”现行版本从{before}起生效，新版不能更早。", hint="请核对生效日期。")
