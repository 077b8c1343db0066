"""Work hours: working time laid end to end over the spans of work days, so that a limit is one sum."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from yiwang.kernel.workdays._calendar import Calendar
from yiwang.kernel.workdays.contracts import LEGAL_TIME, Due

_HOUR = 3600


class Hours:
    """The spans of a work day, in seconds from midnight, each with the working seconds before it."""

    def __init__(self, spans: Sequence[tuple[time, time]]) -> None:
        self._spans: list[tuple[int, int, int]] = []
        self.day = 0
        for opens, closes in spans:
            self._spans.append((_seconds(opens), _seconds(closes), self.day))
            self.day += _seconds(closes) - _seconds(opens)

    def due(self, calendar: Calendar, start: datetime, seconds: int) -> Due:
        """So much working time after `start`; counted at once (Civil Code art. 201) or when work next opens."""
        # A limit ends when its last span closes; no time at all ends when the next one opens.
        some = seconds > 0
        rank, rest = divmod(self._laid(calendar, start) + seconds - some, self.day)
        on = calendar.work_day(rank)
        at = datetime(on.year, on.month, on.day, tzinfo=LEGAL_TIME) + timedelta(seconds=self._moment(rest) + some)
        return Due(on, at, calendar.is_provisional(start.date(), on))

    def worked(self, calendar: Calendar, since: datetime, until: datetime) -> int:
        """Seconds of working time between two moments; none when `until` comes first."""
        return max(self._laid(calendar, until) - self._laid(calendar, since), 0)

    def _laid(self, calendar: Calendar, moment: datetime) -> int:
        """Working seconds from the calendar's beginning to `moment`."""
        rank, is_workday = calendar.rank(moment.date())
        if not is_workday:
            return rank * self.day
        return rank * self.day + self._worked(moment.hour * _HOUR + moment.minute * 60 + moment.second)

    def _worked(self, moment: int) -> int:
        """Working seconds of a day before `moment`."""
        worked = 0
        for opens, closes, before in self._spans:
            if moment > opens:
                worked = before + min(moment, closes) - opens
        return worked

    def _moment(self, rest: int) -> int:
        """The second of the day in which the working second number `rest` passes."""
        for opens, closes, before in self._spans:
            if rest < before + closes - opens:
                return opens + rest - before
        raise AssertionError("a day has no more working seconds than its spans")


def _seconds(moment: time) -> int:
    return moment.hour * _HOUR + moment.minute * 60 + moment.second
