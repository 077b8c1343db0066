"""Laying new versions over old ones: the one place that writes implementations and their periods, in bulk."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from django.db.backends.postgresql.psycopg_any import DateRange

from yiwang.services.matters import _content
from yiwang.services.matters.contracts import CannotPublish, Content, Origin
from yiwang.services.matters.models import Implementation, ImplementationVersion

BATCH = 500


class Outcome(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Item:
    """What one list says of one item of one body."""

    code: str
    matter_id: str
    org_id: int | None
    body_name: str
    body_code: str
    region_code: str
    content: Content
    origin_ref: str = ""


@dataclass(frozen=True, slots=True)
class Stamp:
    """Where versions come from, from which day they hold, and who recorded them when."""

    origin: Origin
    effective_on: date
    by: int | None
    at: datetime


def locked(codes: Iterable[str]) -> dict[str, Implementation]:
    rows = Implementation.objects.select_for_update().filter(code__in=set(codes)).order_by("pk")
    return {row.code: row for row in rows}


def latest(ids: Iterable[int]) -> dict[int, ImplementationVersion]:
    """The newest version of each implementation, in force or to come."""
    rows = ImplementationVersion.objects.filter(implementation__in=set(ids))
    newest = rows.order_by("implementation", "-version").distinct("implementation")
    return {row.implementation_id: row for row in newest}


def lay(items: Sequence[Item], stamp: Stamp) -> dict[str, Outcome]:
    """Record what `items` say from the stamp's day on; what already says so stays as it is.

    The caller has made sure that no code stands twice and that no other origin owns one. Raises CannotPublish when a
    later version is already laid down.
    """
    known = locked(item.code for item in items)
    _create_missing(items, known, stamp)
    before = latest(row.pk for row in known.values())
    outcomes: dict[str, Outcome] = {}
    fresh: list[ImplementationVersion] = []
    for item in items:
        row = known[item.code]
        old = before.get(row.pk)
        new = _version(item, row, old, stamp)
        outcomes[item.code] = _outcome(old, new)
        if outcomes[item.code] is not Outcome.UNCHANGED:
            fresh.append(new)
    _end([before[new.implementation_id] for new in fresh if new.implementation_id in before], stamp.effective_on)
    ImplementationVersion.objects.bulk_create(fresh, batch_size=BATCH)
    _follow(items, known)
    return outcomes


def end(versions: Sequence[ImplementationVersion], on: date) -> None:
    """Let versions hold no longer from `on`."""
    _end(versions, on)


def _create_missing(items: Sequence[Item], known: dict[str, Implementation], stamp: Stamp) -> None:
    rows = [
        Implementation(
            code=item.code,
            matter_id=item.matter_id,
            organisation_id=item.org_id,
            body_name=item.body_name,
            body_code=item.body_code,
            region_code=item.region_code,
            created_at=stamp.at,
        )
        for item in items
        if item.code not in known
    ]
    known.update({row.code: row for row in Implementation.objects.bulk_create(rows, batch_size=BATCH)})


def _version(item: Item, row: Implementation, old: ImplementationVersion | None, stamp: Stamp) -> ImplementationVersion:
    content = item.content
    stored = _content.write(content)
    return ImplementationVersion(
        implementation=row,
        version=old.version + 1 if old else 1,
        effective=DateRange(stamp.effective_on, None),
        origin=stamp.origin,
        origin_ref=item.origin_ref,
        content=stored,
        content_hash=_content.fingerprint(stored),
        name=content.name,
        name_en=content.name_en,
        matter_type=content.type,
        promised=content.promised.text if content.promised else "",
        visits=content.visits,
        is_online=bool(content.form_id and content.flow_id and item.org_id),
        themes=list(content.themes),
        audience=list(content.audience),
        words=_content.words(content, code=item.code, body_name=item.body_name),
        recorded_at=stamp.at,
        recorded_by=stamp.by,
    )


def _outcome(old: ImplementationVersion | None, new: ImplementationVersion) -> Outcome:
    if old is None:
        return Outcome.CREATED
    still_holds = not old.effective.isempty and old.effective.upper is None
    same = (old.content_hash, sorted(old.words)) == (new.content_hash, new.words)
    return Outcome.UNCHANGED if same and still_holds else Outcome.UPDATED


def _end(versions: Sequence[ImplementationVersion], on: date) -> None:
    # A version is never edited; only the day it ends is known later. Replaced on its first day, it never held.
    for version in versions:
        if version.effective.isempty or (version.effective.upper and version.effective.upper <= on):
            continue
        if version.effective.lower > on:
            raise CannotPublish(
                f"“{version.name}”已有{version.effective.lower}起生效的版本。",
                hint="请把生效日期定在它之后，或先撤下那个版本。",
            )
        version.effective = DateRange(version.effective.lower, on, empty=version.effective.lower == on)
    ImplementationVersion.objects.bulk_update(versions, ["effective"], batch_size=BATCH)


def _follow(items: Sequence[Item], known: dict[str, Implementation]) -> None:
    """Keep what stands beside the versions (who carries the item out) as the newest list has it."""
    moved = []
    for item in items:
        row = known[item.code]
        wanted = (item.matter_id, item.org_id, item.body_name, item.body_code, item.region_code)
        if wanted != (row.matter_id, row.organisation_id, row.body_name, row.body_code, row.region_code):
            row.matter_id, row.organisation_id, row.body_name, row.body_code, row.region_code = wanted
            moved.append(row)
    fields = ["matter_id", "organisation", "body_name", "body_code", "region_code"]
    Implementation.objects.bulk_update(moved, fields, batch_size=BATCH)
