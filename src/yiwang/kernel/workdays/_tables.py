"""Calendars built from packs, one for each set of packs, lengthened when a day lies beyond."""

import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import TypeVar

from yiwang.kernel.packs.contracts import PackSet
from yiwang.kernel.workdays._calendar import Calendar, YearNotice
from yiwang.kernel.workdays._hours import Hours
from yiwang.kernel.workdays.contracts import LEGAL_TIME, BeyondCalendar, Due, Limit, Unit
from yiwang.kernel.workdays.kinds import CALENDAR_YEAR, DEFAULT_HOURS, WORK_HOURS, CalendarYearPack, WorkHoursPack

YEAR_MIN, YEAR_MAX = 1950, 2100
_AHEAD_YEARS, _MORE_YEARS = 3, 10

Answer = TypeVar("Answer")


class Tables:
    """The calendar and the working hours of one set of packs."""

    def __init__(self, packs: PackSet) -> None:
        self.packs = packs
        self.published = _published(packs)
        self._hours = {pack.id: _spans(pack.as_type(WorkHoursPack)) for pack in packs.all_of(WORK_HOURS)}
        self._lock = threading.Lock()
        first = min(self.published, default=2019)
        self.calendar = self._built(first, max(self.published, default=first) + _AHEAD_YEARS)

    def due(self, start: date | datetime, limit: Limit, *, hours: str = DEFAULT_HOURS) -> Due:
        if limit.unit is Unit.WORKHOUR and isinstance(start, datetime):
            return self.after_work(start, limit.n * 3600, hours=hours)
        day = legal_day(start)
        if limit.unit is Unit.HOUR:
            moment = start if isinstance(start, datetime) else day_begins(day)
            at = moment + timedelta(hours=limit.n)
            return Due(legal_day(at), at, is_provisional=False)
        if limit.unit is Unit.WORKDAY:
            try:
                return self.calendar.due_after(day, limit.n)
            except IndexError:
                return self.ask(lambda calendar: calendar.due_after(day, limit.n), day)
        if limit.unit is Unit.DAY:
            return self.ask(lambda calendar: calendar.due_by(day, limit.n), day)
        midnight = day_begins(day)
        return self.after_work(midnight, limit.n * 3600, hours=hours)

    def after_work(self, moment: datetime, seconds: int, *, hours: str) -> Due:
        start, spans = legal_time(moment), self._hours[hours]
        try:
            return spans.due(self.calendar, start, seconds)
        except IndexError:
            return self.ask(lambda calendar: spans.due(calendar, start, seconds), start.date())

    def worked(self, since: datetime, until: datetime, *, hours: str) -> int:
        first, last, spans = legal_time(since), legal_time(until), self._hours[hours]
        return self.ask(lambda calendar: spans.worked(calendar, first, last), first.date(), last.date())

    def ask(self, question: Callable[[Calendar], Answer], *days: date) -> Answer:
        """Put a question to the calendar, lengthening it as far as the question needs. Raises BeyondCalendar."""
        years = [day.year for day in days]
        while True:
            try:
                return question(self.calendar)
            except (IndexError, OverflowError, ValueError):
                self._lengthen(years)

    def _lengthen(self, years: list[int]) -> None:
        with self._lock:
            first, last = self.calendar.first, self.calendar.last
            lower = max(min([first, *years]) - _MORE_YEARS, YEAR_MIN)
            upper = min(max([last, *years]) + _MORE_YEARS, YEAR_MAX)
            if (lower, upper) == (first, last):
                raise BeyondCalendar(f"日期超出 {YEAR_MIN} 至 {YEAR_MAX} 年的日历。", hint="请核对日期和期限。")
            self.calendar = self._built(lower, upper)

    def _built(self, first: int, last: int) -> Calendar:
        absent = tuple(year for year in range(first, last + 1) if year not in self.published)
        return Calendar(
            {**_provisional(absent), **{year: self.published[year] for year in self.published if first <= year <= last}}
        )


@lru_cache(maxsize=4)
def _of(packs: PackSet) -> Tables:
    return Tables(packs)


def of(packs: PackSet) -> Tables:
    """The tables of a set of packs (a set is never changed, so it is its own key)."""
    return _of(packs)


def legal_day(moment: date | datetime) -> date:
    """The day in Asia/Shanghai."""
    return legal_time(moment).date() if isinstance(moment, datetime) else moment


def day_begins(day: date) -> datetime:
    """The first moment of a day in Asia/Shanghai."""
    return datetime.combine(day, time.min, LEGAL_TIME)


def legal_time(moment: datetime) -> datetime:
    """The moment in Asia/Shanghai. Raises ValueError for one that names no time zone: a fault of ours, not the reader's."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone has no legal day")
    return moment.astimezone(LEGAL_TIME)


def _published(packs: PackSet) -> dict[int, YearNotice]:
    """One notice a year; of two places, the lower one's."""
    rank = {place: index for index, place in enumerate(packs.chain)}
    bodies = sorted(packs.all_of(CALENDAR_YEAR), key=lambda pack: rank.get(pack.place, -1))
    return {body.year: _notice(body) for body in (pack.as_type(CalendarYearPack) for pack in bodies)}


def _notice(body: CalendarYearPack) -> YearNotice:
    off = frozenset(day for holiday in body.holidays for day in holiday.days)
    return YearNotice(off, frozenset(body.makeup_days), is_provisional=False)


def _provisional(years: Iterable[int]) -> Mapping[int, YearNotice]:
    """Years without a notice: the statutory days alone, as a library reckons them, and no make-up days."""
    wanted = tuple(years)
    if not wanted:
        return {}
    import holidays  # slow to import, and needed for unpublished years only

    known = holidays.country_holidays("CN", years=wanted)
    days = {year: frozenset(day for day in known if day.year == year) for year in wanted}
    return {year: YearNotice(days[year], frozenset(), is_provisional=True) for year in wanted}


def _spans(body: WorkHoursPack) -> Hours:
    return Hours([(span.opens, span.closes) for span in body.spans])
