"""Work days of 2019–2026, every start day, against two independent packages and a real data set; laws by example."""

import csv
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path

import chinese_calendar
import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.kernel.workdays import queries
from yiwang.kernel.workdays.contracts import LEGAL_TIME, Limit, Unit

YEARS = range(2019, 2027)
LAST = date(2026, 12, 31)
LENGTHS = (1, 5, 10, 20, 45)
ONE = timedelta(1)


def starts() -> list[date]:
    first = date(2019, 1, 1)
    return [first + timedelta(n) for n in range((LAST - first).days + 1)]


def obvious(start: date, n: int, works: Callable[[date], bool]) -> date | None:
    """Walk from the start, day by day; None when the walk leaves the published years."""
    day = start
    while n:
        day += ONE
        if day > LAST:
            return None
        n -= works(day)
    return day


def compare(works: Callable[[date], bool], length: int) -> int:
    compared = 0
    for start in starts():
        expected = obvious(start, length, works)
        if expected:
            due = queries.due(start, Limit(length, Unit.WORKDAY))
            assert (due.on, due.is_provisional) == (expected, False), start
            compared += 1
    return compared


@cache
def by_chinesecalendar(day: date) -> bool:
    return bool(chinese_calendar.is_workday(day))


HOLIDAYS = holidays.country_holidays("CN", years=YEARS)


@cache
def by_holidays(day: date) -> bool:
    return bool(HOLIDAYS.is_working_day(day))


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("works", [by_chinesecalendar, by_holidays])
def test_every_start_day_agrees_with_an_independent_package(works: Callable[[date], bool], length: int) -> None:
    # Of 2,922 start days only those within the last `length` work days of 2026 have no published due.
    assert compare(works, length) >= 2922 - 2 * length - 12


def test_every_day_agrees_with_the_data_set(shared: Path) -> None:
    with (shared / "data" / "holidays" / "cn_holidays.csv").open(encoding="utf-8") as stream:
        listed = {date.fromisoformat(row["date"]): row["kind"] for row in csv.DictReader(stream)}
    for day in starts():
        usual = "holiday" if day.weekday() >= 5 else "workday"
        assert queries.is_workday(day) == (listed.get(day, usual) == "workday"), day


def test_the_first_published_december_knows_the_next_notice() -> None:
    # The notice for 2019 moved a work day into 2018.
    assert queries.is_workday(date(2018, 12, 29))
    assert not queries.is_workday(date(2018, 12, 31))


@pytest.mark.parametrize(
    ("start", "limit", "on"),
    [
        (date(2026, 9, 24), "10 workdays", date(2026, 10, 15)),
        (date(2026, 2, 13), "1 workday", date(2026, 2, 14)),  # a Saturday worked
        (date(2020, 1, 23), "1 workday", date(2020, 2, 3)),  # the holiday was prolonged
        (date(2026, 9, 11), "20 days", date(2026, 10, 8)),  # the last day is a holiday: rolls
        (date(2026, 9, 30), "1日", date(2026, 10, 8)),
        (date(2026, 1, 31), "28天", date(2026, 2, 28)),  # a Saturday worked: does not roll
        (date(2026, 10, 1), "0 workdays", date(2026, 10, 8)),
        (date(2026, 9, 24), "0 workdays", date(2026, 9, 24)),
        (date(2024, 2, 28), "1 day", date(2024, 2, 29)),  # leap day
        (date(2025, 12, 31), "5个工作日", date(2026, 1, 8)),
    ],
)
def test_the_law_by_example(start: date, limit: str, on: date) -> None:
    due = queries.due(start, Limit.parse(limit))
    assert (due.on, due.is_provisional) == (on, False)
    assert due.at == datetime.combine(on, time.max, LEGAL_TIME)


def test_an_unpublished_year_is_provisional_and_known_by_statute() -> None:
    assert queries.due(date(2026, 12, 31), Limit.parse("1 workday")).is_provisional
    assert queries.due(date(2026, 12, 30), Limit.parse("1 workday")) == queries.due(
        date(2026, 12, 30), Limit(1, Unit.DAY)
    )
    assert not queries.due(date(2026, 12, 30), Limit.parse("1 workday")).is_provisional
    national_day = [queries.is_workday(date(2027, 10, day)) for day in range(1, 9)]
    # 1–3 October are statutory; two fall on the weekend and are made up for on the 4th and 5th.
    assert national_day == [False, False, False, False, False, True, True, True]
    assert [year for year in range(2018, 2029) if queries.is_provisional(date(year, 6, 1))] == [2018, 2027, 2028]


DAYS = st.dates(date(2019, 1, 1), date(2027, 6, 30))


@given(DAYS, st.integers(1, 300))
def test_due_is_the_slow_walk(start: date, n: int) -> None:
    day, left = start, n
    while left:
        day += ONE
        left -= queries.is_workday(day)
    assert queries.due(start, Limit(n, Unit.WORKDAY)).on == day == queries.add_days(start, n)


@given(DAYS, st.integers(0, 400))
def test_calendar_days_roll_to_a_work_day(start: date, n: int) -> None:
    day = start + timedelta(n)
    while not queries.is_workday(day):
        day += ONE
    assert queries.due(start, Limit(n, Unit.DAY)).on == day


@given(DAYS, st.integers(1, 300))
def test_adding_and_counting_are_inverse(start: date, n: int) -> None:
    end = queries.add_days(start, n)
    assert queries.workdays_between(start, end) == n
    assert queries.workdays_between(end, start) == -n
    assert queries.workdays_between(start, queries.add_days(start, -n)) <= -n + 1


@given(DAYS, DAYS)
def test_counting_is_the_slow_count(a: date, b: date) -> None:
    low, high = sorted((a, b))
    count = sum(queries.is_workday(low + timedelta(n)) for n in range(1, (high - low).days + 1))
    assert queries.workdays_between(a, b) == (count if a <= b else -count)


@given(DAYS, st.integers(0, 23), st.integers(0, 59), st.integers(0, 60))
def test_work_hours_are_the_slow_walk(day: date, hour: int, minute: int, hours: int) -> None:
    """Count the open minutes one by one."""
    start = datetime(day.year, day.month, day.day, hour, minute, tzinfo=LEGAL_TIME)
    due = queries.due(start, Limit(hours, Unit.WORKHOUR))
    moment, left = start, hours * 60
    while left or (hours == 0 and not _open(moment)):
        if not queries.is_workday(moment.date()):
            moment = datetime.combine(moment.date() + ONE, time(), LEGAL_TIME)
            continue
        left -= _open(moment) if left else 0
        moment += timedelta(minutes=1)
    assert due.at == moment
    assert due.on == due.at.date()


@given(
    st.datetimes(datetime(2026, 2, 1), datetime(2026, 3, 10)), st.datetimes(datetime(2026, 2, 1), datetime(2026, 3, 10))
)
def test_time_worked_is_the_slow_count(since: datetime, until: datetime) -> None:
    since, until = (moment.replace(second=0, microsecond=0, tzinfo=LEGAL_TIME) for moment in (since, until))
    minutes = max(int((until - since).total_seconds()) // 60, 0)
    expected = sum(_open(since + timedelta(minutes=n)) for n in range(minutes)) * 60
    assert queries.worked(since, until) == expected
    if expected:
        assert queries.after_work(since, expected).at <= until


def _open(moment: datetime) -> bool:
    minute = moment.hour * 60 + moment.minute
    return queries.is_workday(moment.date()) and (540 <= minute < 720 or 780 <= minute < 1020)


@pytest.mark.parametrize(
    ("start", "hours", "at"),
    [
        ("2026-09-24T11:00", 4, "2026-09-24T16:00"),  # over lunch
        ("2026-09-24T08:00", 3, "2026-09-24T12:00"),  # before opening; ends when the morning does
        ("2026-09-24T16:30", 1, "2026-09-28T09:30"),  # over Mid-Autumn
        ("2026-09-24T12:30", 1, "2026-09-24T14:00"),  # from the lunch break
        ("2026-02-14T16:00", 2, "2026-02-24T10:00"),  # from a Saturday worked, over Spring Festival
        ("2026-05-08T16:00", 2, "2026-05-09T10:00"),  # a Friday into a Saturday worked
        ("2026-10-01T10:00", 7, "2026-10-08T17:00"),  # from a holiday
        ("2026-09-24T17:00", 0, "2026-09-28T09:00"),
        ("2026-09-24T20:00", 0, "2026-09-28T09:00"),
    ],
)
def test_work_hours_by_example(start: str, hours: int, at: str) -> None:
    due = queries.due(datetime.fromisoformat(start).replace(tzinfo=LEGAL_TIME), Limit(hours, Unit.WORKHOUR))
    assert due.at == datetime.fromisoformat(at).replace(tzinfo=LEGAL_TIME)
