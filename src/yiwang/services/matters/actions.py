"""Everything that changes implementation lists: import, publication from packs, edits by staff."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

from django.db import connection, transaction
from django.utils import timezone

from yiwang.kernel.access import queries as access
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor, ActorKind, Denied
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.orgs.contracts import OrgView
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.packs.contracts import Pack, PackSet
from yiwang.services.matters import _content, _import, _versions, codes, queries
from yiwang.services.matters._versions import Item, Outcome, Stamp
from yiwang.services.matters.contracts import (
    CannotPublish,
    Content,
    ImplementationClash,
    ImplementationView,
    ImportReport,
    Origin,
    PublishReport,
)
from yiwang.services.matters.kinds import LEVELS, MATTER, MatterPack
from yiwang.services.matters.models import Implementation, ImplementationVersion

_LISTS = 0x4D415454  # advisory lock: implementation lists are changing


@transaction.atomic
def import_list(*, path: Path, by: Actor, at: datetime, effective_on: date | None = None) -> ImportReport:
    """Carry a CSV item list into the records; repeating it changes nothing.

    Every line ends as created, updated, unchanged or set aside with its reason. Raises ListUnreadable, Denied.
    """
    _enter()
    _only_system(by)
    report = _import.carry(path, effective_on=effective_on or _day(at), by=by, at=at)
    detail = {
        "file": path.name,
        "read": report.read,
        "created": report.created,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "set_aside": report.set_aside,
    }
    audit.record("matters.list.imported", target=f"list:{path.name}", by=by, at=at, detail=detail)
    return report


@transaction.atomic
def publish(*, by: Actor, at: datetime) -> PublishReport:
    """Give every organisation of the right kind and level its list for each matter that a pack defines.

    Touches only what packs published before. Raises ImplementationClash naming each list that stands in the way; then
    nothing changes.
    """
    _enter()
    _only_system(by)
    packs.refresh()
    wanted = [item for pack in packs.all_of(MATTER) for item in _items(pack, packs.current())]
    _refuse_clashes(wanted)
    stamp = Stamp(Origin.PACK, _day(at), by.account_id, at)
    outcomes = Counter(_versions.lay(wanted, stamp).values())
    ended = _withdraw({item.code for item in wanted}, stamp)
    report = PublishReport(outcomes[Outcome.CREATED], outcomes[Outcome.UPDATED], outcomes[Outcome.UNCHANGED], ended)
    if report.created or report.updated or report.ended:
        detail = {"created": report.created, "updated": report.updated, "ended": report.ended}
        audit.record("matters.packs.published", target="matters", by=by, at=at, detail=detail)
    return report


@transaction.atomic
def revise(*, code: str, content: Content, effective_on: date, by: Actor, at: datetime) -> ImplementationView:
    """Lay down a new version of one item from a day on; from then the page owns it, and packs leave it alone.

    Raises NoSuchImplementation, Denied, CannotPublish (a day in the past, a later version, nothing changed).
    """
    _enter()
    row = _versions.locked([code]).get(code)
    if row is None:
        raise queries.missing()
    if row.organisation_id is None:
        raise CannotPublish("这个事项还没有关联到单位。", hint="请先在清单中补上单位代码并重新导入。")
    access.require(by, queries.EDIT, at_org=row.organisation_id)
    if effective_on < _day(at):
        raise CannotPublish("生效日期不能早于今天。", hint="请改为今天或以后的日期。")
    item = _same_place(row, content, origin_ref=f"account:{by.account_id}")
    if _versions.lay([item], Stamp(Origin.PAGE, effective_on, by.account_id, at))[code] is Outcome.UNCHANGED:
        raise CannotPublish("内容没有变化。", hint="请修改后再保存。")
    detail = {"effective_on": effective_on.isoformat()}
    audit.record("matters.item.revised", target=f"matter:{code}", by=by, at=at, detail=detail)
    return queries.by_code(code, on=effective_on)


def _enter() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LISTS])


def _only_system(by: Actor) -> None:
    if by.kind is not ActorKind.SYSTEM:
        raise Denied("事项清单由运维人员在服务器上导入。", hint="请联系运维人员。")


def _day(at: datetime) -> date:
    return timezone.localtime(at).date()


def _items(pack: Pack, among: PackSet) -> list[Item]:
    """One list for each organisation that carries the matter out: of its kind, at a region of its level, in the words of its place."""
    body = pack.as_type(MatterPack)
    bodies = orgs.of_kind(body.handled_by)
    regions = orgs.regions(org.region_code for org in bodies)
    items = []
    for org in bodies:
        # Where several places are served, another place's matter is none of this organisation's.
        local = among.at_region(org.region_code).find(MATTER, pack.id)
        if local and str(regions[org.region_code].level + 1) == LEVELS[body.level]:
            items.append(_item(local, local.as_type(MatterPack), org))
    return items


def _item(pack: Pack, body: MatterPack, org: OrgView) -> Item:
    code = codes.build(base=body.code.base, uscc=org.uscc, level=LEVELS[body.level])
    return Item(
        code=str(code),
        matter_id=pack.id,
        org_id=org.id,
        body_name=org.name,
        body_code=org.uscc,
        region_code=org.region_code,
        content=_content.from_pack(pack, org),
        origin_ref=f"{pack.id}@{pack.version}#{pack.hash[:12]}",
    )


def _refuse_clashes(wanted: Sequence[Item]) -> None:
    """A pack and an import or a page may not both claim an item; a page that took a pack's item over keeps it."""
    rows = _versions.locked(item.code for item in wanted)
    newest = _versions.latest(row.pk for row in rows.values())
    clashes = sorted(code for code, row in rows.items() if row.pk in newest and newest[row.pk].origin != Origin.PACK)
    if clashes:
        named = "；".join(f"{code}（{newest[rows[code].pk].name}）" for code in clashes[:10])
        raise ImplementationClash(
            f"{len(clashes)}个事项已由清单或页面维护：{named}。", hint="请从配置包中去掉这些事项，或撤下清单中的版本。"
        )


def _withdraw(codes_wanted: set[str], stamp: Stamp) -> int:
    """End what packs published before and publish no longer."""
    stale = ImplementationVersion.objects.filter(origin=Origin.PACK, effective__upper_inf=True).exclude(
        implementation__code__in=codes_wanted
    )
    versions = list(stale.select_related("implementation"))
    _versions.end(versions, stamp.effective_on)
    return len(versions)


def _same_place(row: Implementation, content: Content, *, origin_ref: str) -> Item:
    return Item(
        code=row.code,
        matter_id=row.matter_id,
        org_id=row.organisation_id,
        body_name=row.body_name,
        body_code=row.body_code,
        region_code=row.region_code,
        content=content,
        origin_ref=origin_ref,
    )
