"""The clock rows of a case: starting, stopping, deriving what is due, and telling the open tasks."""

from collections.abc import Iterable, Mapping, Sequence
from contextvars import ContextVar
from datetime import datetime

from yiwang.kernel.base import rows
from yiwang.kernel.cases import _clock, _reading
from yiwang.kernel.cases._clock import Reckoning, Span
from yiwang.kernel.cases._turn import Held, Turn
from yiwang.kernel.cases.kinds import ClockPart, Waiting, Yellow
from yiwang.kernel.cases.models import NEVER, Clock, ClockPause, Task
from yiwang.kernel.workdays.contracts import Limit, Unit

OF_STEP = "step:"
"""Before the name of a clock that times one task: the step follows."""
_saves: ContextVar[int] = ContextVar("saves_of_clocks", default=0)


def every(held: Held) -> list[Clock]:
    """All clocks the case ever had, those of its tasks too; read once in a turn."""
    if held.clocks is None:
        held.clocks = _reading.clocks(held.case.pk)
    return held.clocks


def running(held: Held) -> list[Clock]:
    """Those that are not stopped, paused ones too."""
    return [clock for clock in every(held) if clock.stopped_at is None]


def over_case(held: Held) -> list[Clock]:
    return [clock for clock in running(held) if not clock.name.startswith(OF_STEP)]


def new_clock(turn: Turn, held: Held, name: str, limit: Limit) -> Clock:
    """A clock that starts now, not yet saved."""
    clock = rows.new(
        Clock, case_id=held.case.pk, name=name, n=limit.n, unit=limit.unit.value, started_at=turn.effective_at
    )
    derive(held, clock, ())
    return clock


def start(turn: Turn, held: Held, names: Iterable[str]) -> None:
    """Start clocks of the flow that have a length and never ran before."""
    known = {clock.name for clock in every(held) if _is_of_this_life(held, clock)}
    fresh = [
        new_clock(turn, held, name, limit)
        for name in names
        if name not in known and (limit := length(held, name)) is not None
    ]
    if fresh:
        for clock in fresh:
            clock.pk = turn.keys.give(Clock)
            rows.insert(clock)
        every(held).extend(fresh)
        bind_open(held)


def restart(turn: Turn, held: Held, names: Iterable[str]) -> None:
    """Start clocks anew that a reopened case had before; each with the length it had then, without extensions."""
    last = {clock.name: clock for clock in every(held)}
    fresh = [new_clock(turn, held, name, Limit(last[name].n, Unit(last[name].unit))) for name in names]
    every(held).extend(Clock.objects.bulk_create(fresh))


def again(held: Held, task_id: int) -> tuple[Clock, list[ClockPause]] | None:
    """The clock of a closed task, running as if it had never been stopped, and its pauses; not yet saved."""
    was = next((clock for clock in every(held) if clock.task_id == task_id), None)
    if was is None:
        return None
    kept = ("case", "name", "n", "extra", "unit", "started_at", "yellow_fired_at", "due_fired_at")
    clock = Clock(**{name: getattr(was, name) for name in kept})
    pauses = _pauses_again(held, was, clock)
    clock.is_paused = any(pause.ended_at is None for pause in pauses)
    derive(held, clock, [Span(pause.started_at, pause.ended_at) for pause in pauses])
    return clock, pauses


def _pauses_again(held: Held, was: Clock, clock: Clock) -> list[ClockPause]:
    """Its pauses, each for as long as the case's lasted, and those that began after it was stopped."""
    found: dict[datetime, ClockPause] = {}
    own: set[datetime] = set()
    for row in ClockPause.objects.filter(clock__case=held.case).order_by("id"):
        if row.clock_id == was.pk:
            own.add(row.started_at)
        one = found.setdefault(
            row.started_at, ClockPause(clock=clock, reason=row.reason, started_at=row.started_at, ended_at=row.ended_at)
        )
        one.ended_at = max(one.ended_at, row.ended_at) if one.ended_at and row.ended_at else None
    return [found[since] for since in sorted(found) if since in own or (was.stopped_at and since >= was.stopped_at)]


def keep_again(held: Held, clock: Clock, pauses: Iterable[ClockPause], task: Task) -> None:
    """Save such a clock for the task that was opened again."""
    clock.task = task
    clock.save(force_insert=True)
    ClockPause.objects.bulk_create(pauses)
    every(held).append(clock)


def _is_of_this_life(held: Held, clock: Clock) -> bool:
    """A case that was reopened has its limits anew."""
    return held.case.reopened_at is None or clock.started_at >= held.case.reopened_at


def length(held: Held, name: str) -> Limit | None:
    """How long a clock of the flow runs: as the case was opened with, else as the flow says."""
    given = held.case.limits.get(name)
    return Limit.parse(given) if given else held.flow.body.clocks[name].limit


def stop(turn: Turn, held: Held, clocks: Iterable[Clock]) -> None:
    """Stop clocks and keep how much of each was used."""
    stopping = list(clocks)
    if not stopping:
        return
    pauses = pauses_of(clock for clock in stopping if clock.is_paused or clock.uncounted)
    for clock in stopping:
        clock.used = _clock.used(reckoning(held, clock, pauses.get(clock.pk, ())), turn.effective_at)
        clock.stopped_at, clock.fires_at, clock.is_paused = turn.effective_at, None, False
    if pauses:
        ClockPause.objects.filter(clock__in=stopping, ended_at__isnull=True).update(ended_at=turn.effective_at)
    save(stopping, ["used", "stopped_at", "fires_at", "is_paused"])
    if any(clock.task_id is None for clock in stopping):
        bind_open(held)


def save(clocks: Sequence[Clock], fields: list[str]) -> None:
    """Write changed clocks."""
    _saves.set(_saves.get() + 1)
    for clock in clocks:
        rows.update(clock, fields)


def saves() -> int:
    """How often clocks were written so far: whoever let others act can tell whether they changed any."""
    return _saves.get()


def pauses_of(clocks: Iterable[Clock]) -> Mapping[int, list[Span]]:
    """The pauses of clocks, in one query, or none at all."""
    ids = [clock.pk for clock in clocks]
    found: dict[int, list[Span]] = {}
    for pause in ClockPause.objects.filter(clock__in=ids).order_by("id") if ids else ():
        found.setdefault(pause.clock_id, []).append(Span(pause.started_at, pause.ended_at))
    return found


def reckoning(held: Held, clock: Clock, pauses: Iterable[Span]) -> Reckoning:
    limit = Limit(clock.n + clock.extra, Unit(clock.unit))
    return Reckoning(clock.started_at, limit, tuple(pauses), _yellow(held, clock))


def derive(held: Held, clock: Clock, pauses: Iterable[Span]) -> None:
    """Work out what is due from the clock's rows."""
    dues = _clock.dues(reckoning(held, clock, pauses))
    clock.uncounted = dues.uncounted
    clock.due_at = dues.due.at if dues.due else None
    clock.is_provisional = dues.due.is_provisional if dues.due else False
    clock.yellow_at = dues.yellow_at
    clock.fires_at = fires_at(clock)


def fires_at(clock: Clock) -> datetime | None:
    """When the sweep must look at a clock next."""
    if clock.due_at is None or clock.stopped_at is not None or clock.due_fired_at is not None:
        return None
    if clock.yellow_at is not None and clock.yellow_fired_at is None:
        return min(clock.yellow_at, clock.due_at)
    return clock.due_at


def bind(held: Held, task: Task, own: Clock | None) -> None:
    """Give a task the nearest of the limits that bind it."""
    binding = [clock for clock in (own, *over_case(held)) if clock]
    clocks = [clock for clock in binding if clock.due_at]
    nearest = min(clocks, key=lambda clock: clock.due_at or NEVER, default=None)
    task.due_at = (nearest.due_at if nearest else None) or NEVER
    task.yellow_at = (nearest.yellow_at if nearest else None) or NEVER
    task.is_paused = nearest is None and any(clock.is_paused for clock in binding)


def bind_open(held: Held) -> None:
    """Tell every open task after the case's clocks have changed."""
    own = {clock.task_id: clock for clock in running(held) if clock.task_id is not None}
    changed = []
    for task in held.tasks.values():
        before = (task.due_at, task.yellow_at, task.is_paused)
        bind(held, task, own.get(task.pk))
        if (task.due_at, task.yellow_at, task.is_paused) != before:
            changed.append(task)
    for task in changed:
        rows.update(task, ["due_at", "yellow_at", "is_paused"])


def _yellow(held: Held, clock: Clock) -> Yellow | None:
    body = held.flow.body
    kind, _, step = clock.name.rpartition(":")
    part = body.steps.get(step) if kind else body.clocks.get(clock.name)
    own = part.yellow if isinstance(part, Waiting | ClockPart) else None
    return own or body.yellow
