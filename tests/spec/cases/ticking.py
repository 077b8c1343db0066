"""A limit in work days, walked day by day."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from yiwang.kernel.workdays import queries as workdays
from yiwang.kernel.workdays.contracts import LEGAL_TIME


@dataclass(eq=False)
class Ticking:
    """A limit in work days that runs, and when it did not."""

    started: datetime
    days: int
    extended: int = 0
    is_stopped: bool = False
    pauses: list[list[datetime]] = field(default_factory=list)

    @property
    def is_paused(self) -> bool:
        return bool(self.pauses) and len(self.pauses[-1]) == 1

    def pause(self, at: datetime) -> None:
        if not self.is_paused and not self.is_stopped:
            self.pauses.append([at])

    def resume(self, at: datetime) -> None:
        if self.is_paused and not self.is_stopped:
            self.pauses[-1].append(at)

    @property
    def due(self) -> datetime | None:
        """Walked day by day; nothing is due while it is paused."""
        if self.is_paused:
            return None
        day, left = workdays.legal_day(self.started), self.days + self.extended
        left += sum(_workdays(since, until) for since, until in self.pauses)
        while left:
            day += timedelta(days=1)
            left -= workdays.is_workday(day)
        for _, until in self.pauses:
            resumed = workdays.legal_day(until)
            while not workdays.is_workday(resumed):
                resumed += timedelta(days=1)
            day = max(day, resumed)
        return end_of(day)


def _workdays(since: datetime, until: datetime) -> int:
    """The first day is not counted."""
    day, last, found = workdays.legal_day(since), workdays.legal_day(until), 0
    while day < last:
        day += timedelta(days=1)
        found += workdays.is_workday(day)
    return found


def end_of(day: date) -> datetime:
    return datetime.combine(day, time.max, LEGAL_TIME)
