"""Writing regions and organisations; the tree changes under one lock.

These actions stand below kernel.access: whoever offers them to people asks for the permission there.
"""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

from django.db import connection, transaction
from django.utils import timezone

from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor, ActorKind, Denied
from yiwang.kernel.base.events import publish
from yiwang.kernel.orgs import queries
from yiwang.kernel.orgs._lists import read
from yiwang.kernel.orgs._moves import apply_move, future, planned_move, record_first_moves
from yiwang.kernel.orgs._rows import organisation_rows, region_rows
from yiwang.kernel.orgs.contracts import (
    AlreadyExists,
    CannotClose,
    ListReport,
    NewOrganisation,
    NewRegion,
    NoSuchOrganisation,
    OrgView,
    RegionView,
)
from yiwang.kernel.orgs.models import Organisation, OrgMove, Region

_TREE_LOCK = 0x0E65  # advisory lock: the tree of organisations is changing
_BATCH = 2000


def create_region(*, code: str, name: str, by: Actor, at: datetime) -> RegionView:
    """Add one region. Raises BadRegion, AlreadyExists."""
    create_regions(regions=[NewRegion(code, name)], by=by, at=at)
    return queries.region(code)


@transaction.atomic
def create_regions(*, regions: Sequence[NewRegion], by: Actor, at: datetime) -> int:
    """Add regions, each below the nearest one above it; returns how many.

    Raises BadRegion (wrong code, nothing above it), AlreadyExists.
    """
    _enter(by)
    given = {region.code for region in regions}
    if len(given) < len(regions) or Region.objects.filter(code__in=given).exists():
        raise AlreadyExists("区划代码已经存在。", hint="请去掉重复的代码。")
    for level in region_rows(regions):
        Region.objects.bulk_create(level, batch_size=_BATCH)
    detail = {"count": len(regions), "first": min(given, default="")}
    audit.record("orgs.regions.created", target="regions", by=by, at=at, detail=detail)
    return len(regions)


def create_organisation(*, organisation: NewOrganisation, by: Actor, at: datetime) -> OrgView:
    """Add one organisation. Raises BadOrganisation, NoSuchRegion, NoSuchOrganisation, AlreadyExists."""
    return create_many(organisations=[organisation], by=by, at=at)[0]


@transaction.atomic
def create_many(*, organisations: Sequence[NewOrganisation], by: Actor, at: datetime) -> list[OrgView]:
    """Add organisations, parents before children, and answer in the order given.

    Raises BadOrganisation, NoSuchRegion, NoSuchOrganisation (unknown parent), AlreadyExists.
    """
    _enter(by)
    given = {new.uscc.upper() for new in organisations}
    if len(given) < len(organisations) or Organisation.objects.filter(uscc__in=given).exists():
        raise AlreadyExists("统一社会信用代码已经登记。", hint="请去掉重复的单位。")
    rows = organisation_rows(organisations, ids=_fresh_ids(len(organisations)))
    Organisation.objects.bulk_create(rows, batch_size=_BATCH)
    record_first_moves(rows, at=at)
    detail = {"count": len(rows), "first": rows[0].pk if rows else None}
    audit.record("orgs.organisations.created", target="orgs", by=by, at=at, detail=detail)
    publish("orgs.organisations.created", {"count": len(rows)}, at=at)
    named = queries.named(row.pk for row in rows)
    return [named[row.pk] for row in rows]


@transaction.atomic
def import_list(*, path: Path, by: Actor, at: datetime) -> ListReport:
    """Add the regions or organisations of a CSV file that are not there yet; all or none, safe to repeat.

    Raises BadList, BadRegion, BadOrganisation, NoSuchRegion, NoSuchOrganisation.
    """
    _enter(by)
    regions, organisations = read(path, opened_on=timezone.localdate(at))
    known = set(Region.objects.filter(code__in={one.code for one in regions}).values_list("code", flat=True))
    usccs = {one.uscc.upper() for one in organisations}
    known |= set(Organisation.objects.filter(uscc__in=usccs).values_list("uscc", flat=True))
    new_regions = [one for one in regions if one.code not in known]
    new_organisations = [one for one in organisations if one.uscc.upper() not in known]
    if new_regions:
        create_regions(regions=new_regions, by=by, at=at)
    if new_organisations:
        create_many(organisations=new_organisations, by=by, at=at)
    return ListReport(len(new_regions), len(new_organisations), len(known))


@transaction.atomic
def move(
    *,
    org_id: int,
    effective_on: date,
    document_no: str,
    by: Actor,
    at: datetime,
    name: str | None = None,
    short_name: str | None = None,
    doc_mark: str | None = None,
    region_code: str | None = None,
    parent_id: int | None = None,
) -> OrgView:
    """Rename an organisation or put it elsewhere from a day on; what is not given stays.

    A day to come is recorded and applied by `apply_moves`. Raises NoSuchOrganisation, NoSuchRegion,
    CannotMove (below itself, or a later move is already recorded).
    """
    _enter(by)
    row = _locked(org_id)
    given = {"name": name, "short_name": short_name, "doc_mark": doc_mark}
    moved = planned_move(
        row,
        effective_on=effective_on,
        texts={key: value for key, value in given.items() if value is not None},
        region_code=region_code,
        parent=_locked(parent_id) if parent_id is not None else None,
    )
    moved.document_no, moved.recorded_at = document_no, at
    moved.save()
    if not future(effective_on, at):
        apply_move(moved, at=at)
    detail = {"effective_on": effective_on.isoformat(), "document_no": document_no}
    audit.record("orgs.organisation.moved", target=f"org:{org_id}", by=by, at=at, detail=detail)
    return queries.get(org_id)


@transaction.atomic
def apply_moves(*, by: Actor, at: datetime) -> int:
    """Apply recorded moves whose day has come; returns how many."""
    _enter(by)
    waiting = OrgMove.objects.select_for_update().filter(applied_at__isnull=True)
    due = [m for m in waiting.order_by("effective_on", "pk") if not future(m.effective_on, at)]
    for moved in due:
        apply_move(moved, at=at)
        audit.record("orgs.organisation.move-applied", target=f"org:{moved.organisation_id}", by=by, at=at)
    return len(due)


@transaction.atomic
def close(*, org_id: int, closed_on: date, by: Actor, at: datetime) -> OrgView:
    """Close an organisation: it handles nothing any more and stays in history. Raises CannotClose."""
    _enter(by)
    row = _locked(org_id)
    if row.closed_on is not None:
        raise CannotClose("该单位已经撤销。", hint="无需再办。")
    if Organisation.objects.filter(parent=row, closed_on__isnull=True).exists():
        raise CannotClose("该单位还有下级单位。", hint="请先把下级单位转隶或撤销。")
    row.closed_on = closed_on
    row.save(update_fields=["closed_on"])
    detail = {"closed_on": closed_on.isoformat()}
    audit.record("orgs.organisation.closed", target=f"org:{org_id}", by=by, at=at, detail=detail)
    return queries.get(org_id)


def _enter(by: Actor) -> None:
    """Lock, then permit: two moves at once could make a ring of the tree."""
    if by.kind not in (ActorKind.STAFF, ActorKind.SYSTEM):
        raise Denied("只有工作人员可以维护组织机构。", hint="请联系机构编制管理人员。")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_TREE_LOCK])


def _locked(org_id: int) -> Organisation:
    row = Organisation.objects.select_for_update().filter(pk=org_id).first()
    if row is None:
        raise NoSuchOrganisation("没有这个单位。", hint="请核对单位编号。")
    return row


def _fresh_ids(count: int) -> list[int]:
    """Ids drawn beforehand, because a path holds its own id."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('orgs_organisation', 'id')) FROM generate_series(1, %s)",
            [count],
        )
        return [row[0] for row in cursor.fetchall()]
