"""A run of years as arrays: every question about days is a look-up."""

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from yiwang.kernel.workdays.contracts import LEGAL_TIME, Due


@dataclass(frozen=True, slots=True)
class YearNotice:
    """Days of a year (and the December before) that differ from the week's usual round."""

    off: frozenset[date]
    on: frozenset[date]
    is_provisional: bool


class Calendar:
    """The work days from 1 January of the first year to 31 December of the last."""

    def __init__(self, notices: Mapping[int, YearNotice]) -> None:
        self.first, self.last = min(notices), max(notices)
        self._base = date(self.first, 1, 1).toordinal()
        off = _union(notice.off for notice in notices.values())
        on = _union(notice.on for notice in notices.values())
        self._work_days: list[date] = []
        # At [i]: how many work days, and how many provisional days, lie before day i.
        self._before = array("i", [0])
        self._provisional = array("i", [0])
        for ordinal in range(self._base, date(self.last, 12, 31).toordinal() + 1):
            day = date.fromordinal(ordinal)
            if day in on or (day.weekday() < 5 and day not in off):
                self._work_days.append(day)
            self._before.append(len(self._work_days))
            self._provisional.append(self._provisional[-1] + notices[day.year].is_provisional)
        self._dues = tuple(
            [_day_due(day, is_provisional) for day in self._work_days] for is_provisional in (False, True)
        )

    def _index(self, day: date) -> int:
        index = day.toordinal() - self._base
        if not 0 <= index < len(self._before) - 1:
            raise IndexError(day)
        return index

    def is_workday(self, day: date) -> bool:
        index = self._index(day)
        return self._before[index + 1] > self._before[index]

    def after(self, day: date, n: int) -> date:
        """The nth work day after `day` (before it when n is negative); `day` itself, rolled forward, when n is 0."""
        return self._work_days[self._nth(day, n)]

    def due_after(self, day: date, n: int) -> Due:
        """As `after`, as the end of a limit."""
        return self._due(day, self._nth(day, n))

    def due_by(self, day: date, n: int) -> Due:
        """`n` calendar days after `day`, rolled to a work day."""
        return self._due(day, self._checked(self._before[self._index(date.fromordinal(day.toordinal() + n))]))

    def rank(self, day: date) -> tuple[int, bool]:
        """How many work days of this calendar lie before `day`, and whether it is one."""
        index = self._index(day)
        rank = self._before[index]
        return rank, self._before[index + 1] > rank

    def work_day(self, rank: int) -> date:
        """The work day before which `rank` others lie."""
        return self._work_days[self._checked(rank)]

    def between(self, a: date, b: date) -> int:
        """Work days after `a` up to and with `b`; negative when b comes first."""
        return self._before[self._index(b) + 1] - self._before[self._index(a) + 1]

    def is_provisional(self, a: date, b: date) -> bool:
        """Whether a day from `a` to `b` lies in a year without a published notice."""
        return self._provisional[self._index(b) + 1] > self._provisional[self._index(a)]

    def _nth(self, day: date, n: int) -> int:
        index = self._index(day)
        if n > 0:
            return self._checked(self._before[index + 1] + n - 1)
        return self._checked(self._before[index] + n)

    def _checked(self, rank: int) -> int:
        if not 0 <= rank < len(self._work_days):
            raise IndexError(rank)
        return rank

    def _due(self, start: date, rank: int) -> Due:
        return self._dues[self.is_provisional(start, self._work_days[rank])][rank]


def _union(sets: Iterable[frozenset[date]]) -> frozenset[date]:
    return frozenset().union(*sets)


def _day_due(day: date, is_provisional: bool) -> Due:
    # The last day runs to its end (Civil Code art. 203); the last microsecond keeps `at` on that day.
    return Due(day, datetime.combine(day, time.max, LEGAL_TIME), is_provisional)
