"""The law's clock as arithmetic: when a limit falls due after pauses and extensions, and how much of it is used.

The first day is not counted and the last day rolls to a work day (both in workdays). A pause from one day to another
takes as many days out of the count as any period between them has: its own first day not counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from yiwang.kernel.cases.kinds import Yellow
from yiwang.kernel.workdays import queries as workdays
from yiwang.kernel.workdays.contracts import LEGAL_TIME, Due, Limit, Unit

HOUR = 3600
EXACT = frozenset({Unit.WORKHOUR, Unit.HOUR})
"""Units that end at a moment, not at the end of a day; they are reckoned in seconds."""


@dataclass(frozen=True, slots=True)
class Span:
    """Time that is not counted; `until` is None while it lasts."""

    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Reckoning:
    """All that a time limit depends on; `limit` includes extensions."""

    started_at: datetime
    limit: Limit
    pauses: Sequence[Span] = ()
    yellow: Yellow | None = None

    @property
    def is_paused(self) -> bool:
        return any(pause.until is None for pause in self.pauses)


@dataclass(frozen=True, slots=True)
class Dues:
    """What is derived; nothing is due while a clock is paused. `uncounted` is in days, or seconds where a limit is in hours."""

    due: Due | None
    yellow_at: datetime | None
    uncounted: int


def dues(reckoning: Reckoning) -> Dues:
    """When a limit falls due and when its lamp turns yellow."""
    uncounted = uncounted_of(reckoning)
    if reckoning.is_paused:
        return Dues(None, None, uncounted)
    due = _not_before_resuming(reckoning, uncounted)
    return Dues(due, _yellow_at(reckoning, due, uncounted), uncounted)


def _not_before_resuming(reckoning: Reckoning, uncounted: int) -> Due:
    """A limit that is paused on its last day does not end before it runs again, though only a weekend was taken out."""
    unit = reckoning.limit.unit
    due = after(reckoning.started_at, reckoning.limit.n, unit, uncounted)
    resumed = max((pause.until for pause in reckoning.pauses if pause.until is not None), default=None)
    if resumed is None or resumed < due.at or unit in EXACT:
        return due
    return max(due, after(resumed, 0, unit), key=lambda one: one.at)


def uncounted_of(reckoning: Reckoning) -> int:
    """Time taken out by pauses that are over."""
    unit = reckoning.limit.unit
    return sum(elapsed(pause.since, pause.until, unit) for pause in reckoning.pauses if pause.until is not None)


def used(reckoning: Reckoning, at: datetime) -> int:
    """How much of a limit is used up at an instant, pauses taken out; in the limit's unit, begun hours not counted."""
    unit = reckoning.limit.unit
    gross = elapsed(reckoning.started_at, max(at, reckoning.started_at), unit)
    pauses = [(pause.since, min(pause.until or at, at)) for pause in reckoning.pauses if pause.since < at]
    net = max(0, gross - sum(elapsed(since, until, unit) for since, until in pauses))
    return net // HOUR if unit in EXACT else net


def after(start: datetime, n: int, unit: Unit, more: int = 0) -> Due:
    """The due time of `n` units and `more` days or seconds."""
    if unit not in EXACT:
        return workdays.due(start, Limit(n + more, unit))
    return _after_seconds(start, n * HOUR + more, unit)


def _after_seconds(start: datetime, seconds: int, unit: Unit) -> Due:
    if unit is Unit.WORKHOUR:
        return workdays.after_work(start, seconds)
    at = start + timedelta(seconds=seconds)
    return Due(workdays.legal_day(at), at, is_provisional=False)


def elapsed(since: datetime, until: datetime, unit: Unit) -> int:
    """Days of a kind between two instants, the first not counted; for hours, seconds."""
    if unit is Unit.WORKHOUR:
        return workdays.worked(since, until)
    if unit is Unit.HOUR:
        return max(0, int((until - since).total_seconds()))
    if unit is Unit.WORKDAY:
        return workdays.workdays_between(since, until)
    return (workdays.legal_day(until) - workdays.legal_day(since)).days


def _yellow_at(reckoning: Reckoning, due: Due, uncounted: int) -> datetime | None:
    yellow, limit = reckoning.yellow, reckoning.limit
    if yellow is None:
        return None
    if yellow.left is not None:
        return _with_left(reckoning, due, yellow.left, uncounted)
    share = limit.n * (yellow.share or 0)
    if limit.unit in EXACT:
        return _after_seconds(reckoning.started_at, share * HOUR // 100 + uncounted, limit.unit).at
    return _end_of_day(reckoning.started_at, share // 100 + uncounted, limit.unit)


def _with_left(reckoning: Reckoning, due: Due, left: Limit, uncounted: int) -> datetime:
    limit = reckoning.limit
    if limit.unit in EXACT:
        # Fewer hours than any number of days: such a limit is yellow from the start.
        seconds = (limit.n - left.n) * HOUR + uncounted if left.unit is limit.unit else 0
        return _after_seconds(reckoning.started_at, max(0, seconds), limit.unit).at
    day = due.on
    for _ in range(left.n):
        day -= timedelta(days=1)
        while left.unit is Unit.WORKDAY and not workdays.is_workday(day):
            day -= timedelta(days=1)
    return max(reckoning.started_at, end_of(day))


def _end_of_day(start: datetime, n: int, unit: Unit) -> datetime:
    """The end of the nth day; of the first day itself for none."""
    return workdays.due(start, Limit(n, unit)).at if n else end_of(workdays.legal_day(start))


def end_of(day: date) -> datetime:
    """The last instant of a legal day, as workdays has it."""
    return datetime.combine(day, time.max, LEGAL_TIME)
