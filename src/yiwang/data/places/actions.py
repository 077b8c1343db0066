"""Keeping grids, the people who walk them, and standard addresses."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

from django.db import connection, transaction
from django.utils import timezone

from yiwang.data.places import _files
from yiwang.data.places._outlines import outline, overlapping
from yiwang.data.places.contracts import AlreadyOnDuty, DutyView, ImportReport, NewAddress, NewGrid, NoSuchGrid
from yiwang.data.places.models import AddressEntry, Grid, GridDuty
from yiwang.kernel.access import queries as access
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base import events
from yiwang.kernel.base.contracts import Actor, ActorKind, Denied, Place
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.people import queries as people

EDIT = "places.edit"
_LOCK = 0x0671D  # advisory lock: outlines must not change while overlaps are looked for
_BATCH = 2000


@transaction.atomic
def save_grids(*, grids: Sequence[NewGrid], on: date, by: Actor, at: datetime) -> ImportReport:
    """Add grids, or redraw them from a day on; those with no region, or overlapping another, are set aside.

    Raises BadCoordinates for an outline that is none.
    """
    _enter(by)
    known = orgs.regions(new.code[:12] for new in grids)
    problems = [Place(new.code, f"没有村、社区{new.code[:12]}。") for new in grids if new.code[:12] not in known]
    sound = [new for new in grids if new.code[:12] in known]
    current = {row.code: row for row in Grid.objects.filter(until=None, region_code__in=known)}
    problems += (clashes := _overlaps(sound, current))
    bad = {problem.where for problem in clashes}
    report = _write([new for new in sound if new.code not in bad], current, on)
    detail = {"created": report.created, "changed": report.changed, "set_aside": len(problems)}
    audit.record("places.grids.saved", target="places", by=by, at=at, detail=detail)
    if report.created + report.changed:
        events.publish("places.grids.saved", {"regions": sorted({new.code[:12] for new in sound})}, at=at)
    return ImportReport(report.created, report.changed, report.unchanged, tuple(problems))


@transaction.atomic
def save_addresses(*, addresses: Sequence[NewAddress], by: Actor, at: datetime) -> ImportReport:
    """Add addresses, or put those that stand elsewhere now in their new place; by their text."""
    _enter(by)
    known = orgs.regions(new.region_code for new in addresses)
    problems = [
        Place(new.text, f"没有村、社区{new.region_code}。") for new in addresses if new.region_code not in known
    ]
    rows = {
        new.text: AddressEntry(
            text=new.text,
            region_code=new.region_code,
            road=new.road,
            number=new.number,
            title=new.title,
            lon=new.lon,
            lat=new.lat,
        )
        for new in addresses
        if new.region_code in known
    }
    before = {row.text: row for row in AddressEntry.objects.filter(text__in=rows)}
    fields = ["region_code", "road", "number", "title", "lon", "lat"]
    changed = [row for text, row in rows.items() if text in before and _differs(row, before[text], fields)]
    created = [row for text, row in rows.items() if text not in before]
    AddressEntry.objects.bulk_create(
        created + changed, batch_size=_BATCH, update_conflicts=True, unique_fields=["text"], update_fields=fields
    )
    detail = {"created": len(created), "changed": len(changed), "set_aside": len(problems)}
    audit.record("places.addresses.saved", target="places", by=by, at=at, detail=detail)
    if created or changed:
        regions = sorted({row.region_code for row in (*created, *changed)})
        events.publish("places.addresses.saved", {"regions": regions}, at=at)
    unchanged = len(rows) - len(created) - len(changed)
    return ImportReport(len(created), len(changed), unchanged, tuple(problems))


@transaction.atomic
def import_file(*, path: Path, by: Actor, at: datetime) -> ImportReport:
    """Take in a file of grids (`.geojson`) or addresses (`.csv`); safe to repeat. Raises BadFile when nothing can be read."""
    grids, addresses, problems = _files.read(path)
    done = (
        save_addresses(addresses=addresses, by=by, at=at)
        if path.suffix.lower() == ".csv"
        else save_grids(grids=grids, on=timezone.localdate(at), by=by, at=at)
    )
    audit.record("places.file.imported", target=path.name[:80], by=by, at=at)
    return ImportReport(done.created, done.changed, done.unchanged, (*problems, *done.problems))


@transaction.atomic
def assign(*, account_id: int, grid_code: str, since: date, by: Actor, at: datetime) -> DutyView:
    """Let an account answer for a grid from a day on. Raises NoSuchGrid, NoSuchAccount, AlreadyOnDuty."""
    _enter(by)
    people.account(account_id)
    if not Grid.objects.filter(code=grid_code, until=None).exists():
        raise NoSuchGrid("没有这个网格。", hint="请核对15位网格编码。")
    if GridDuty.objects.filter(account=account_id, grid_code=grid_code, until=None).exists():
        raise AlreadyOnDuty("已经负责这个网格。", hint="无需再派。")
    row = GridDuty.objects.create(account_id=account_id, grid_code=grid_code, since=since)
    audit.record("places.duty.assigned", target=f"grid:{grid_code}", by=by, at=at, detail={"account": account_id})
    return DutyView(row.pk, account_id, grid_code, since, None)


@transaction.atomic
def assign_many(*, duties: Sequence[tuple[int, str]], since: date, by: Actor, at: datetime) -> int:
    """As `assign` for many (account, grid) at once; those who have the duty already are passed over. Returns how many.

    Raises NoSuchGrid.
    """
    _enter(by)
    codes = {code for _, code in duties}
    if codes - set(Grid.objects.filter(code__in=codes, until=None).values_list("code", flat=True)):
        raise NoSuchGrid("没有这个网格。", hint="请核对15位网格编码。")
    running = set(GridDuty.objects.filter(grid_code__in=codes, until=None).values_list("account_id", "grid_code"))
    new = [GridDuty(account_id=account, grid_code=code, since=since) for account, code in duties]
    made = GridDuty.objects.bulk_create([row for row in new if (row.account_id, row.grid_code) not in running])
    audit.record("places.duties.assigned", target="places", by=by, at=at, detail={"count": len(made)})
    return len(made)


@transaction.atomic
def relieve(*, account_id: int, grid_code: str, until: date, by: Actor, at: datetime) -> None:
    """End a duty; the day `until` does not count any more. Raises NoSuchGrid when there is none."""
    _enter(by)
    row = GridDuty.objects.select_for_update().filter(account=account_id, grid_code=grid_code, until=None).first()
    if row is None:
        raise NoSuchGrid("这个账号不负责这个网格。", hint="请核对。")
    row.until = max(until, row.since)
    row.save(update_fields=["until"])
    audit.record("places.duty.ended", target=f"grid:{grid_code}", by=by, at=at, detail={"account": account_id})


def _enter(by: Actor) -> None:
    """Permit, then lock: two imports at once could lay one grid over another."""
    if by.kind is not ActorKind.SYSTEM and not access.may_anywhere(by, EDIT):
        raise Denied("您的岗位不能维护网格和地址。", hint="请联系数据管理员。")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _overlaps(new: Sequence[NewGrid], current: dict[str, Grid]) -> list[Place]:
    given = {each.code for each in new}
    kept = [(code, outline(row.outline).geometry) for code, row in sorted(current.items()) if code not in given]
    drawn = [(each.code, outline(each.outline).geometry) for each in new]
    found = overlapping([*kept, *drawn])
    return [Place(code, f"与网格{other}重叠。") for code, other in found.items() if code in given]


def _write(new: Sequence[NewGrid], current: dict[str, Grid], on: date) -> ImportReport:
    created: list[Grid] = []
    redrawn: list[Grid] = []
    renamed = 0
    for each in new:
        row, before = _row(each, on), current.get(each.code)
        if before is None:
            created.append(row)
        elif before.outline != row.outline:
            redrawn.append(row)
        elif before.name != row.name:
            renamed += Grid.objects.filter(pk=before.pk).update(name=row.name)
    codes = [row.code for row in redrawn]
    # Drawn twice on one day: the first outline never held for a whole day.
    Grid.objects.filter(code__in=codes, until=None, since__gte=on).delete()
    Grid.objects.filter(code__in=codes, until=None).update(until=on)
    Grid.objects.bulk_create(created + redrawn, batch_size=_BATCH)
    changed = len(redrawn) + renamed
    return ImportReport(len(created), changed, len(new) - len(created) - changed)


def _row(new: NewGrid, on: date) -> Grid:
    drawn = outline(new.outline)
    west, south, east, north = drawn.box
    return Grid(
        code=new.code,
        name=new.name,
        region_code=new.code[:12],
        outline=drawn.stored,
        west=west,
        south=south,
        east=east,
        north=north,
        lon=drawn.inner[0],
        lat=drawn.inner[1],
        since=on,
    )


def _differs(one: AddressEntry, other: AddressEntry, fields: Sequence[str]) -> bool:
    return any(getattr(one, name) != getattr(other, name) for name in fields)
