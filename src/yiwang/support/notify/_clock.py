"""When people are not to be disturbed: clock times of the place, over midnight too."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from yiwang.kernel.workdays.contracts import LEGAL_TIME

HALF_HOURS = 48


def is_quiet(now: time, start: time, end: time) -> bool:
    """Whether `now` lies in the stretch from `start` up to `end`; equal ends are no stretch."""
    if start <= end:
        return start <= now < end
    return now >= start or now < end


def hours(start: time, end: time) -> Iterator[time]:
    """The half hours of a stretch."""
    every = (time(n // 2, 30 * (n % 2)) for n in range(HALF_HOURS))
    return (each for each in every if is_quiet(each, start, end))


def length(start: time, end: time) -> timedelta:
    """How long a stretch is; equal ends are none."""
    first, last = (timedelta(hours=each.hour, minutes=each.minute) for each in (start, end))
    return (last - first) % timedelta(days=1)


def wake(at: datetime, *stretches: tuple[time, time]) -> datetime:
    """`at`, or the first moment after it that lies in none of the stretches."""
    local = at.astimezone(LEGAL_TIME)
    # Each round ends one stretch; two that overlap end each other within a few.
    for _ in range(2 * len(stretches) + 1):
        found = next((end for start, end in stretches if is_quiet(local.time(), start, end)), None)
        if found is None:
            break
        morning = datetime.combine(local.date(), found, LEGAL_TIME)
        local = morning if morning > local else morning + timedelta(days=1)
    return at if local == at else local
