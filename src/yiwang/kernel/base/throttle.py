"""How often one visitor may do one thing: generous to people, hopeless for guessing."""

from datetime import datetime, timedelta
from math import ceil
from threading import Lock

from yiwang.kernel.base import rows
from yiwang.kernel.base.contracts import TooMany
from yiwang.kernel.base.models import Throttle
from yiwang.kernel.base.sealing import sealed_index

KEPT = timedelta(days=1)
HOUR = timedelta(hours=1)
# An office's agent files for many; nobody files by hand more often than this.
FILINGS_AN_HOUR = 200
# What strangers send (names and passwords, codes, look-ups); a hall's staff sign in from one address at nine o'clock.
STRANGERS_AN_ADDRESS = 300

_COUNT = (
    'INSERT INTO base_throttle (what, visitor, "window", count) VALUES (%s, %s, %s, %s) '
    'ON CONFLICT (what, visitor, "window") DO UPDATE SET count = base_throttle.count + EXCLUDED.count RETURNING count'
)


class TooOften(TooMany):
    """`retry_after` are the seconds until the next window."""

    code = "base.too-often"

    def __init__(self, message: str, *, hint: str, retry_after: int) -> None:
        super().__init__(message, hint=hint)
        self.retry_after = max(1, retry_after)


def count(
    what: str,
    visitor: str,
    *,
    at: datetime,
    most: int,
    window: timedelta = timedelta(minutes=5),
    weight: int = 1,
) -> None:
    """Count one doing of `what` by `visitor` (an address, a number). Raises TooOften past `most` in a window, in an action with its next question."""
    start = at - timedelta(seconds=at.timestamp() % window.total_seconds())

    def judge(answer: list[tuple[int]]) -> None:
        ((reached,),) = answer
        if reached > most:
            wait = ceil((start + window - at).total_seconds())
            raise TooOften("操作太频繁了。", hint=f"请过{ceil(wait / 60)}分钟再试，或拨打12345。", retry_after=wait)

    rows.soon(_COUNT, [what, sealed_index(visitor), start.replace(microsecond=0), weight], judge)


_paces: dict[str, int] = {}
_minute = 0
_pacing = Lock()


def pace(what: str, visitor: str, *, at: datetime, most: int) -> None:
    """Count in this process only, by the minute: cheap enough for every call. Raises TooOften past `most`."""
    global _minute
    minute = int(at.timestamp() // 60)
    with _pacing:
        if minute != _minute:
            _minute = minute
            _paces.clear()
        key = f"{what} {visitor}"
        _paces[key] = reached = _paces.get(key, 0) + 1
    if reached > most:
        raise TooOften("操作太频繁了。", hint="请过1分钟再试。", retry_after=60 - int(at.timestamp() % 60))


def forget(*, at: datetime) -> int:
    """Drop windows past a day; returns how many."""
    return Throttle.objects.filter(window__lt=at - KEPT).delete()[0]
