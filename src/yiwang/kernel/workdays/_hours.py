"""Work hours: working time counted over the spans of work days."""

from datetime import date, datetime, time, timedelta

from yiwang.kernel.workdays._calendar import Calendar
from yiwang.kernel.workdays.contracts import LEGAL_TIME, Due

_DAY = 24 * 3600
Spans = tuple[tuple[int, int], ...]  # seconds from midnight


def seconds(moment: time) -> int:
    return moment.hour * 3600 + moment.minute * 60 + moment.second


def due(calendar: Calendar, spans: Spans, start: datetime, left: int) -> Due:
    """`left` seconds of working time after `start`; counted at once (Civil Code art. 201) or when work next opens."""
    day = start.date()
    spent = _DAY
    if calendar.is_workday(day):
        spent = seconds(start.time())
    here = _after(spans, spent)
    if sum(closes - opens for opens, closes in here) < max(left, 1):
        left -= sum(closes - opens for opens, closes in here)
        day, here, left = _day_reached(calendar, spans, day, left)
    at = datetime.combine(day, time(), LEGAL_TIME) + timedelta(seconds=_reached(here, left))
    return Due(day, at, calendar.is_provisional(start.date(), day))


def worked(calendar: Calendar, spans: Spans, since: datetime, until: datetime) -> int:
    """Seconds of working time between two moments; none when `until` comes first."""
    if until <= since:
        return 0
    whole = sum(closes - opens for opens, closes in spans)
    days = calendar.between(since.date(), until.date())
    return days * whole + _left(calendar, spans, since) - _left(calendar, spans, until)


def _left(calendar: Calendar, spans: Spans, moment: datetime) -> int:
    """Seconds of working time left in a moment's day."""
    if not calendar.is_workday(moment.date()):
        return 0
    return sum(closes - opens for opens, closes in _after(spans, seconds(moment.time())))


def _after(spans: Spans, moment: int) -> Spans:
    return tuple((max(opens, moment), closes) for opens, closes in spans if closes > moment)


def _day_reached(calendar: Calendar, spans: Spans, day: date, left: int) -> tuple[date, Spans, int]:
    """The work day on which `left` seconds run out, counted from the work day after `day`."""
    whole = sum(closes - opens for opens, closes in spans)
    days = max(-(-left // whole), 1)
    return calendar.after(day, days), spans, left - (days - 1) * whole


def _reached(spans: Spans, left: int) -> int:
    """The second of the day at which `left` seconds of `spans` have passed: a span's end, not the next one's start."""
    for opens, closes in spans:
        if left <= closes - opens:
            return opens + left
        left -= closes - opens
    raise AssertionError("the caller made sure that the spans suffice")
