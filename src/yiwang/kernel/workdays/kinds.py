"""Pack kinds CalendarYear (the yearly notice on holidays and make-up days) and WorkHours (工作时间)."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from yiwang.kernel.packs.contracts import Pack, PackFault, PackModel, PackPart, PackSet, Problem, Text
from yiwang.kernel.workdays.contracts import LEGAL_TIME, Limit

CALENDAR_YEAR = "CalendarYear"
WORK_HOURS = "WorkHours"
DEFAULT_HOURS = "work-hours"
_HOLIDAY_DAYS_MAX = 15


class HolidayPart(PackPart):
    name: Text
    first: date = Field(alias="from")
    last: date = Field(alias="to")

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(n) for n in range((self.last - self.first).days + 1)]


class CalendarExample(PackPart):
    start: date
    limit: Limit
    due: date


class CalendarYearPack(PackModel):
    """A year's notice: days off, and the weekend days worked instead. It may reach into the December before."""

    kind_title: ClassVar[str] = "放假安排"
    field_names: ClassVar = {
        "year": "年份", "holidays": "放假", "makeup_days": "调休上班日", "start": "起算日", "limit": "期限",
        "due": "到期日", "from": "自", "to": "至",
    }  # fmt: skip

    overridable: ClassVar[frozenset[str]] = frozenset({"holidays", "makeup_days"})

    year: Annotated[int, Field(ge=1950, le=2100)]
    holidays: Annotated[tuple[HolidayPart, ...], Field(min_length=1)]
    makeup_days: tuple[date, ...] = ()
    examples: tuple[CalendarExample, ...] = ()

    @model_validator(mode="after")
    def _makes_sense(self) -> "CalendarYearPack":
        for fault in self._faults():
            raise fault
        return self

    def _faults(self) -> Iterator[PackFault]:
        for n, holiday in enumerate(self.holidays):
            if not 0 <= (holiday.last - holiday.first).days < _HOLIDAY_DAYS_MAX:
                what = f"“{holiday.name}”从 {holiday.first} 到 {holiday.last} 不合常理"
                yield PackFault(what, "请核对 from 和 to", ("holidays", n))
        off = [(day, ("holidays", n)) for n, holiday in enumerate(self.holidays) for day in holiday.days]
        on = [(day, ("makeup_days", n)) for n, day in enumerate(self.makeup_days)]
        for day, where in (*off, *on):
            if day.year != self.year and (day.year, day.month) != (self.year - 1, 12):
                yield PackFault(f"{day} 不在 {self.year} 年", "请核对年份", where)
        for day, where in on:
            if day.weekday() < 5:
                yield PackFault(f"调休上班日 {day} 本来就不是周末", "请核对日期", where)
        yield from _twice([*off, *on])


def _twice(days: list[tuple[date, tuple[str, int]]]) -> Iterator[PackFault]:
    """Days that two entries name: two holidays, or one that is worked too."""
    seen: dict[date, str] = {}
    for day, where in days:
        if day in seen:
            what = f"{day} 既放假又上班" if seen[day] != where[0] else f"{day} 写了两次"
            yield PackFault(what, "请删去一处", where)
        seen.setdefault(day, where[0])


class SpanPart(PackPart):
    opens: time = Field(alias="from")
    closes: time = Field(alias="to")


class HoursExample(PackPart):
    start: datetime
    limit: Limit
    due: datetime


class WorkHoursPack(PackModel):
    """The spans of a work day that count as working time."""

    kind_title: ClassVar[str] = "工作时间"
    field_names: ClassVar = {
        "spans": "时段", "start": "起算时刻", "limit": "期限", "due": "到期时刻", "from": "自", "to": "至",
    }  # fmt: skip

    overridable: ClassVar[frozenset[str]] = frozenset({"spans"})

    spans: Annotated[tuple[SpanPart, ...], Field(min_length=1, max_length=6)]
    examples: tuple[HoursExample, ...] = ()

    @model_validator(mode="after")
    def _in_order(self) -> "WorkHoursPack":
        times = [moment for span in self.spans for moment in (span.opens, span.closes)]
        if times != sorted(set(times)):
            raise PackFault("时段重叠或先后颠倒", "请按先后写，每段 from 早于 to")
        return self


def one_notice_a_year(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    """A place publishes one notice for a year."""
    year = pack.as_type(CalendarYearPack).year
    for other in packs.all_of(CALENDAR_YEAR):
        if other.id < pack.id and other.place == pack.place and other.as_type(CalendarYearPack).year == year:
            yield pack.problem("year", f"{year} 年已由 {other.path} 安排。", "请删去一处，或改那个文件。")


def calendar_examples_hold(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    """Each example's limit ends on the day it says."""
    from yiwang.kernel.workdays import _tables

    for index, example in enumerate(pack.as_type(CalendarYearPack).examples):
        came = _tables.of(packs).due(example.start, example.limit).on
        if came != example.due:
            yield pack.problem(("examples", index, "due"), f"算出来是 {came}。", "请核对例子或放假安排。")


def hours_examples_hold(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    """Each example's limit ends at the moment it says."""
    from yiwang.kernel.workdays import _tables

    for index, example in enumerate(pack.as_type(WorkHoursPack).examples):
        came = _tables.of(packs).due(example.start.replace(tzinfo=LEGAL_TIME), example.limit, hours=pack.id).at
        if came != example.due.replace(tzinfo=LEGAL_TIME):
            yield pack.problem(("examples", index, "due"), f"算出来是 {came:%Y-%m-%dT%H:%M}。", "请核对例子或时段。")
