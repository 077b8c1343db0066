"""Reckoning all running limits anew when a year's calendar is published or changed: in batches, so that a crash loses nothing.

A run is a row with how far it came. Each batch is one transaction that moves limits, lists each change and moves the
row on; whoever finds an open run goes on where it stands.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db import connection, transaction

from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor, ActorKind
from yiwang.kernel.cases import _book, _reading, _timing
from yiwang.kernel.cases._clock import Span
from yiwang.kernel.cases._turn import Held, Turn
from yiwang.kernel.cases.contracts import (
    NoSuchRedating,
    NothingToResume,
    NotYourCase,
    RedatingView,
    TaskStatus,
)
from yiwang.kernel.cases.models import Case, CaseEvent, Clock, Redating, RedatingRun, Task
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.workdays import queries as workdays

BATCH = 1_000
_DERIVED = "due_at = v.due_at, yellow_at = v.yellow_at, fires_at = v.fires_at, is_provisional = v.is_provisional"
_SAVE = f"""
UPDATE cases_clock c SET {_DERIVED}, uncounted = v.uncounted, yellow_fired_at = v.yellow_fired_at, due_fired_at = v.due_fired_at
FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[], %s::bool[], %s::int[], %s::timestamptz[], %s::timestamptz[])
  AS v(id, due_at, yellow_at, fires_at, is_provisional, uncounted, yellow_fired_at, due_fired_at) WHERE c.id = v.id
"""
_SAVED = ("pk", "due_at", "yellow_at", "fires_at", "is_provisional", "uncounted", "yellow_fired_at", "due_fired_at")
_BIND = """
UPDATE cases_task t SET due_at = v.due_at, yellow_at = v.yellow_at
FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[]) AS v(id, due_at, yellow_at) WHERE t.id = v.id
"""
# A batch locks its families in the order of their ids, as everybody does.
_LOCK = """
SELECT id FROM cases_case WHERE id IN (SELECT coalesce(root_id, id) FROM cases_case WHERE id = ANY(%s))
ORDER BY id FOR NO KEY UPDATE
"""


@transaction.atomic
def begin_redating(*, release: int, by: Actor, at: datetime) -> RedatingView:
    """The run for a release of packs (0: asked for by hand), begun, or taken up where it was broken off.

    An open run of another release is closed as superseded: the new one covers all. Raises NotYourCase for all but the system.
    """
    _require_system(by)
    # The release that asks for this may be younger than what this process last looked at.
    packs.refresh()
    before = RedatingRun.objects.select_for_update().filter(is_open=True).first()
    if release:
        done = RedatingRun.objects.filter(release=release, is_superseded=False).first()
        if done is not None:
            return run_view(done)
    if before is not None:
        before.is_open, before.is_superseded, before.last_at = False, True, at
        before.save(update_fields=["is_open", "is_superseded", "last_at"])
    run = RedatingRun.objects.create(release=release, started_at=at, last_at=at)
    audit.record("cases.redating.begun", target=f"redating:{run.pk}", by=by, at=at, detail={"release": release})
    return run_view(run)


@transaction.atomic
def resume_redating(*, by: Actor, at: datetime) -> RedatingView:
    """The run that was broken off. Raises NothingToResume, NotYourCase for all but the system."""
    _require_system(by)
    packs.refresh()
    run = RedatingRun.objects.filter(is_open=True).first()
    if run is None:
        raise NothingToResume("没有中断的重算。", hint="用 yiwang workdays recompute 开始一次新的重算。")
    audit.record("cases.redating.resumed", target=f"redating:{run.pk}", by=by, at=at, detail={"seen": run.seen})
    return run_view(run)


@transaction.atomic
def redate(*, run_id: int, by: Actor, at: datetime) -> RedatingView:
    """One batch of a run; closed (`is_open` False) when there is nothing left. Raises NoSuchRedating, NotYourCase."""
    _require_system(by)
    run = RedatingRun.objects.select_for_update().filter(pk=run_id).first()
    if run is None:
        raise NoSuchRedating("没有这次重算。", hint="请核对编号。")
    if not run.is_open:
        return run_view(run)
    clocks = _running(run.last_clock)
    changes = _moved(run, [clock.pk for clock in _touched(clocks)], by=by, at=at)
    run.is_open = bool(clocks)
    run.last_clock = clocks[-1].pk if clocks else run.last_clock
    run.seen += len(clocks)
    run.moved += sum(_day(change.before) != _day(change.after) for change in changes)
    run.firmed += sum(change.was_provisional and not change.is_provisional for change in changes)
    run.last_at = at
    run.save(update_fields=["is_open", "last_clock", "seen", "moved", "firmed", "last_at"])
    detail = {"changes": len(changes), "last_clock": run.last_clock}
    audit.record("cases.redating.advanced", target=f"redating:{run.pk}", by=by, at=at, detail=detail)
    return run_view(run)


def run_view(run: RedatingRun) -> RedatingView:
    return RedatingView(
        id=run.pk,
        release=run.release,
        started_at=run.started_at,
        last_at=run.last_at,
        is_open=run.is_open,
        is_superseded=run.is_superseded,
        seen=run.seen,
        moved=run.moved,
        firmed=run.firmed,
    )


def _require_system(by: Actor) -> None:
    if by.kind is not ActorKind.SYSTEM:
        raise NotYourCase("期限由系统统一重算。", hint="请联系运维人员。")


def _running(after: int) -> list[Clock]:
    """Running clocks that are not paused, also those that are overdue: a holiday may prove them not to be."""
    rows = Clock.objects.filter(pk__gt=after, stopped_at__isnull=True, due_at__isnull=False)
    return list(rows.order_by("pk")[:BATCH])


def _touched(clocks: Sequence[Clock]) -> list[Clock]:
    """Those whose due differs under today's calendar; looked at without locks."""
    cases = Case.objects.filter(pk__in={clock.case_id for clock in clocks}).defer(*_reading.SEALED)
    helds = {case.pk: Held(case, _book.pinned(case.flow_id, case.flow_hash), {}) for case in cases}
    pauses = _timing.pauses_of(clock for clock in clocks if clock.uncounted)
    return [clock for clock in clocks if _derived(helds[clock.case_id], clock, pauses)]


def _derived(held: Held, clock: Clock, pauses: Mapping[int, list[Span]]) -> bool:
    before = (clock.due_at, clock.is_provisional)
    _timing.derive(held, clock, pauses.get(clock.pk, ()))
    return (clock.due_at, clock.is_provisional) != before


def _moved(run: RedatingRun, ids: Sequence[int], *, by: Actor, at: datetime) -> list[Redating]:
    """Derive these clocks again under their families' locks, and write down each change."""
    case_ids = list(Clock.objects.filter(pk__in=ids).values_list("case_id", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [case_ids])
    helds = _held(case_ids)
    wanted = set(ids)
    clocks = [clock for held in helds.values() for clock in held.clocks or () if clock.pk in wanted and clock.due_at]
    pauses = _timing.pauses_of(clock for clock in clocks if clock.uncounted)
    changes = [
        change for clock in clocks if (change := _change(run, helds[clock.case_id], clock, pauses, at)) is not None
    ]
    _write(helds, clocks, changes, by=by, at=at)
    return changes


def _change(
    run: RedatingRun, held: Held, clock: Clock, pauses: Mapping[int, list[Span]], at: datetime
) -> Redating | None:
    before, was_provisional = clock.due_at, clock.is_provisional
    if not _derived(held, clock, pauses) or before is None or clock.due_at is None:
        return None
    return Redating(
        run=run,
        case_id=clock.case_id,
        clock=clock,
        before=before,
        after=clock.due_at,
        was_provisional=was_provisional,
        is_provisional=clock.is_provisional,
        is_lifted=_unfired(clock, at),
    )


def _held(case_ids: Iterable[int]) -> dict[int, Held]:
    rows = Case.objects.filter(pk__in=set(case_ids)).defer(*_reading.SEALED)
    helds = {case.pk: Held(case, _book.pinned(case.flow_id, case.flow_hash), {}) for case in rows}
    for clock in Clock.objects.filter(case__in=helds, stopped_at__isnull=True).order_by("pk"):
        held = helds[clock.case_id]
        held.clocks = [*(held.clocks or ()), clock]
    return helds


def _unfired(clock: Clock, at: datetime) -> bool:
    """Let a limit that was over, and no longer is, fall due again in its time; True if it was over."""
    was_over = clock.due_fired_at is not None
    if clock.yellow_at is not None and clock.yellow_at > at:
        clock.yellow_fired_at = None
    if clock.due_at is not None and clock.due_at > at:
        clock.due_fired_at = None
    clock.fires_at = _timing.fires_at(clock)
    return was_over and clock.due_fired_at is None


def _write(
    helds: Mapping[int, Held], clocks: Sequence[Clock], changes: Sequence[Redating], *, by: Actor, at: datetime
) -> None:
    touched = {change.clock_id for change in changes}
    saved = [clock for clock in clocks if clock.pk in touched]
    fresh = {clock.pk: clock for clock in saved}
    with connection.cursor() as cursor:
        cursor.execute(_SAVE, [[getattr(clock, name) for clock in saved] for name in _SAVED])
        tasks = _bound(helds)
        columns = ([task.pk for task in tasks], [task.due_at for task in tasks], [task.yellow_at for task in tasks])
        cursor.execute(_BIND, list(columns))
    Redating.objects.bulk_create(changes)
    moved = [change for change in changes if _day(change.before) != _day(change.after)]
    CaseEvent.objects.bulk_create(_event(change, fresh[change.clock_id], by=by, at=at) for change in moved)
    for change in moved:
        held, clock = helds[change.case_id], fresh[change.clock_id]
        Turn(held.case, by=by, at=at).tell(held, "redated", clock=clock.name, task_id=clock.task_id)


def _bound(helds: Mapping[int, Held]) -> list[Task]:
    """The open tasks of these cases, each with the nearest of its limits as they now are."""
    tasks = list(Task.objects.filter(case__in=helds, status=TaskStatus.OPEN))
    for task in tasks:
        held = helds[task.case_id]
        own = next((clock for clock in held.clocks or () if clock.task_id == task.pk), None)
        _timing.bind(held, task, own)
    return tasks


def _event(change: Redating, clock: Clock, *, by: Actor, at: datetime) -> CaseEvent:
    step = clock.name.removeprefix(_timing.OF_STEP) if clock.name.startswith(_timing.OF_STEP) else ""
    return CaseEvent(
        case_id=change.case_id,
        kind="redated",
        step=step,
        actor_kind=by.kind.value,
        account_id=by.account_id,
        detail={"clock": clock.name, "before": _day(change.before), "after": _day(change.after)},
        effective_at=at,
        recorded_at=at,
    )


def _day(moment: datetime) -> str:
    return workdays.legal_day(moment).isoformat()
