"""Reckoning running limits anew when a year's calendar is published or changed."""

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction

from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.cases import _book, _reading, _timing
from yiwang.kernel.cases._turn import Held, Turn
from yiwang.kernel.cases.models import Case, Clock
from yiwang.kernel.workdays import queries as workdays

BATCH = 1_000


def redate(*, by: Actor, at: datetime) -> int:
    """Derive the dues of all running clocks again; returns how many moved.

    Looks without locks and takes a family's lock only where a date moves, so it may be broken off and begun again.
    """
    return sum(_redate(clock_id, case_id, by=by, at=at) for clock_id, case_id in list(_moving()))


def _moving() -> Iterator[tuple[int, int]]:
    last = 0
    while True:
        rows = Clock.objects.filter(pk__gt=last, stopped_at__isnull=True, is_paused=False, due_fired_at__isnull=True)
        clocks = list(rows.order_by("pk")[:BATCH])
        if not clocks:
            return
        last = clocks[-1].pk
        cases = {
            case.pk: case
            for case in Case.objects.filter(pk__in={clock.case_id for clock in clocks}).defer(*_reading.SEALED)
        }
        pauses = _timing.pauses_of(clock for clock in clocks if clock.uncounted)
        for clock in clocks:
            case = cases[clock.case_id]
            held = Held(case, _book.pinned(case.flow_id, case.flow_hash), {})
            before = (clock.due_at, clock.is_provisional)
            _timing.derive(held, clock, pauses.get(clock.pk, ()))
            if (clock.due_at, clock.is_provisional) != before:
                yield clock.pk, case.pk


@transaction.atomic
def _redate(clock_id: int, case_id: int, *, by: Actor, at: datetime) -> int:
    root = _reading.locked_root(case_id)
    if root is None:
        return 0
    turn = Turn(root, by=by, at=at)
    held = turn.hold(case_id)
    clock = next((one for one in _timing.running(held) if one.pk == clock_id and not one.is_paused), None)
    if clock is None or clock.due_at is None:
        return 0
    before = workdays.legal_day(clock.due_at)
    _timing.derive(held, clock, _timing.pauses_of([clock] if clock.uncounted else []).get(clock.pk, ()))
    _timing.save([clock], ["due_at", "yellow_at", "fires_at", "is_provisional", "uncounted"])
    _timing.bind_open(held)
    after = workdays.legal_day(clock.due_at)
    if after == before:
        return 0
    detail = {"clock": clock.name, "before": before.isoformat(), "after": after.isoformat()}
    step = clock.name.removeprefix(_timing.OF_STEP) if clock.name.startswith(_timing.OF_STEP) else ""
    turn.write(held, "redated", step=step, detail=detail)
    turn.flush()
    turn.tell(held, "redated", clock=clock.name, task_id=clock.task_id)
    audit.record("cases.clock.redated", target=f"clock:{clock.pk}", by=by, at=at, detail=detail)
    return 1
