"""When a limit ends, what is a work day, how many are left. Legal days are those of Asia/Shanghai."""

from datetime import date, datetime

from yiwang.kernel.packs import queries as packs
from yiwang.kernel.workdays import _tables
from yiwang.kernel.workdays._tables import day_begins, legal_day
from yiwang.kernel.workdays.contracts import Due, Limit
from yiwang.kernel.workdays.kinds import DEFAULT_HOURS

__all__ = [
    "add_days",
    "after_work",
    "day_begins",
    "due",
    "is_provisional",
    "is_workday",
    "legal_day",
    "published_years",
    "remaining",
    "workdays_between",
    "worked",
]


def due(start: datetime | date, limit: Limit, *, hours: str = DEFAULT_HOURS) -> Due:
    """When `limit` ends that starts at `start`: the first day is not counted, the last rolls to a work day.

    Work hours count from the moment itself, over the spans of the WorkHours pack `hours`. Raises BeyondCalendar.
    """
    return _tables.of(packs.current()).due(start, limit, hours=hours)


def after_work(start: datetime, seconds: int, *, hours: str = DEFAULT_HOURS) -> Due:
    """When so much working time has passed since `start`: as `due`, finer than hours. Raises BeyondCalendar."""
    return _tables.of(packs.current()).after_work(start, seconds, hours=hours)


def worked(since: datetime, until: datetime, *, hours: str = DEFAULT_HOURS) -> int:
    """Seconds of working time between two moments; 0 when `until` comes first."""
    return _tables.of(packs.current()).worked(since, until, hours=hours)


def is_workday(day: date) -> bool:
    """Whether people work that day, by the notice of its year or, before one is published, provisionally."""
    return _tables.of(packs.current()).ask(lambda calendar: calendar.is_workday(day), day)


def workdays_between(a: date | datetime, b: date | datetime) -> int:
    """Work days after `a` up to and with `b`; negative when b comes first. `due(a, n workdays)` is n away from a."""
    first, last = legal_day(a), legal_day(b)
    return _tables.of(packs.current()).ask(lambda calendar: calendar.between(first, last), first, last)


def remaining(at: datetime, due: Due | datetime | date) -> int:
    """Work days left from `at` to a due: 0 on the last day, negative when it has passed."""
    return workdays_between(at, due.on if isinstance(due, Due) else due)


def add_days(day: date, n: int) -> date:
    """The nth work day after `day`, or before it when n is negative; with 0 the day itself, rolled to a work day."""
    return _tables.of(packs.current()).ask(lambda calendar: calendar.after(day, n), day)


def is_provisional(day: date) -> bool:
    """Whether the day's year has no published notice yet."""
    return day.year not in _tables.of(packs.current()).published


def published_years() -> tuple[int, ...]:
    """The years that rest on a notice."""
    return tuple(sorted(_tables.of(packs.current()).published))
