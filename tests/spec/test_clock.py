"""The law's clock: tables, and the arithmetic against walking day by day and minute by minute."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.flows import packs_of
from yiwang.kernel.cases import _clock
from yiwang.kernel.cases._clock import Reckoning, Span
from yiwang.kernel.cases.kinds import Yellow
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.workdays import queries as workdays
from yiwang.kernel.workdays.contracts import LEGAL_TIME, Limit, Unit

MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=LEGAL_TIME)


@pytest.fixture(autouse=True, scope="module")
def calendar() -> Iterator[None]:
    """Provisional years and the working hours 9–12, 13–18."""
    with packs.using(packs_of()):
        yield


def at(text: str) -> datetime:
    """`11-27` is ten in the morning; `11-27 15:30` is exact."""
    day, _, moment = text.partition(" ")
    return datetime.fromisoformat(f"2026-{day}T{moment or '10:00'}").replace(tzinfo=LEGAL_TIME)


def pauses(text: str) -> tuple[Span, ...]:
    """`11-24..11-26, 12-01..` — an open end is a pause that lasts."""
    spans = [part.strip().split("..") for part in text.split(",") if part.strip()]
    return tuple(Span(at(since), at(until) if until else None) for since, until in spans)


# 2026-11-23 is a Monday; no holiday until the end of the year.
TABLE = [
    ("5 workdays", "", "11-30"),
    ("1 workday", "", "11-24"),
    ("5 days", "", "11-30"),  # the 28th is a Saturday: it rolls
    ("6 days", "", "11-30"),
    ("7 days", "", "11-30"),
    ("8 days", "", "12-01"),
    ("5 workdays", "11-24..11-26", "12-02"),
    ("5 workdays", "11-24..11-24", "11-30"),
    ("5 workdays", "11-27..11-30", "12-01"),
    ("5 workdays", "11-28..11-29", "11-30"),
    ("5 workdays", "11-23..11-24", "12-01"),
    ("5 workdays", "11-24..11-25, 11-26..11-27", "12-02"),
    ("5 workdays", "11-30..12-03", "12-03"),  # paused on the last day
    ("4 workdays", "11-27..11-29", "11-30"),  # paused on the last day until a Sunday: it ends on the next work day
    ("5 days", "11-29..12-02", "12-02"),  # paused after the last day, which had rolled from Saturday to Monday
    ("5 days", "11-24..11-26", "11-30"),
    ("8 days", "11-24..11-26", "12-03"),
    ("4 workhours", "", "11-23 15:00"),
    ("8 workhours", "", "11-24 10:00"),
    ("4 workhours", "11-23 11:00..11-23 14:00", "11-23 17:00"),
    ("4 workhours", "11-23 11:30..11-24 09:30", "11-24 12:00"),
    ("1 workhour", "11-23 10:10..11-23 10:25", "11-23 11:15"),
    ("2 hours", "", "11-23 12:00"),
    ("24 hours", "", "11-24 10:00"),
    ("144 hours", "", "11-29 10:00"),  # a Sunday: hours do not roll
    ("2 hours", "11-23 10:30..11-23 22:30", "11-24 00:00"),
]


@pytest.mark.parametrize(("limit", "paused", "due"), TABLE)
def test_due(limit: str, paused: str, due: str) -> None:
    found = _clock.dues(Reckoning(MONDAY, Limit.parse(limit), pauses(paused))).due
    assert found is not None
    assert found.at == at(due) if " " in due else found.on == at(due).date()


@pytest.mark.parametrize("limit", ["5 workdays", "20 days", "4 workhours", "30 hours"])
def test_nothing_is_due_while_paused(limit: str) -> None:
    dues = _clock.dues(Reckoning(MONDAY, Limit.parse(limit), pauses("11-24..11-25, 11-26.."), Yellow(share=80)))
    assert (dues.due, dues.yellow_at) == (None, None)


YELLOWS = [
    ("5 workdays", "80%", "", "11-27"),  # at the end of the fourth day
    ("1 workday", "80%", "", "11-23"),  # at the end of the first: on the last day it is yellow
    ("10 workdays", "2 workdays", "", "12-03"),
    ("2 workdays", "2 workdays", "", "11-23"),
    ("60 days", "2 workdays", "", "01-20"),
    ("5 workdays", "80%", "11-24..11-26", "12-01"),
    ("4 workhours", "50%", "", "11-23 12:00"),
    ("4 workhours", "1 workhour", "", "11-23 14:00"),
    ("4 workhours", "2 workdays", "", "11-23 10:00"),
    ("10 hours", "80%", "", "11-23 18:00"),
    ("24 hours", "2 hours", "", "11-24 08:00"),
]


@pytest.mark.parametrize(("limit", "yellow", "paused", "expected"), YELLOWS)
def test_yellow(limit: str, yellow: str, paused: str, expected: str) -> None:
    rule = Yellow(share=int(yellow[:-1])) if yellow.endswith("%") else Yellow(left=Limit.parse(yellow))
    found = _clock.dues(Reckoning(MONDAY, Limit.parse(limit), pauses(paused), rule)).yellow_at
    assert found is not None
    wanted = at(expected).replace(year=2027) if expected.startswith("01") else at(expected)
    if " " in expected:
        assert found == wanted
    else:
        assert found in (_clock.end_of(wanted.date()), MONDAY)
        assert found.astimezone(LEGAL_TIME).date() == wanted.date()


DAYS = st.integers(min_value=0, max_value=2**32)


@given(DAYS)
def test_days_agree_with_walking(seed: int) -> None:
    random = Random(seed)
    unit = random.choice([Unit.WORKDAY, Unit.DAY])
    start = MONDAY + timedelta(days=random.randint(-200, 200), minutes=random.randint(0, 800))
    limit = Limit(random.randint(1, 40), unit)
    spans = _spans(random, start, limit)
    found = _clock.dues(Reckoning(start, limit, spans))
    assert found.due is not None
    assert found.due.on == _walked(start.date(), limit, spans)


def _spans(random: Random, start: datetime, limit: Limit) -> tuple[Span, ...]:
    """A few pauses, one after another, each begun before the limit as it then stands is over."""
    spans: list[Span] = []
    since = start
    for _ in range(random.randint(0, 3)):
        since += timedelta(days=random.randint(0, 5), minutes=random.randint(1, 300))
        due = _clock.dues(Reckoning(start, limit, spans)).due
        if due is None or due.at <= since:
            break
        until = since + timedelta(days=random.randint(0, 12), minutes=random.randint(0, 300))
        spans.append(Span(since, until))
        since = until
    return tuple(spans)


def _walked(day: date, limit: Limit, spans: tuple[Span, ...]) -> date:
    """Day after day: one that counts uses up the limit, one that a pause takes gives it back."""
    counts = workdays.is_workday if limit.unit is Unit.WORKDAY else (lambda _: True)
    taken = sum(
        counts(one)
        for span in spans
        for one in _days_after(span.since.astimezone(LEGAL_TIME).date(), span.until.astimezone(LEGAL_TIME).date())
    )
    left = limit.n + taken
    while left:
        day += timedelta(days=1)
        left -= counts(day)
    if spans:
        day = max(day, spans[-1].until.astimezone(LEGAL_TIME).date())
    while not workdays.is_workday(day):
        day += timedelta(days=1)
    return day


def _days_after(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n + 1) for n in range((last - first).days)]


@given(DAYS)
def test_hours_agree_with_walking_by_minutes(seed: int) -> None:
    random = Random(seed)
    start = MONDAY.replace(hour=random.randint(0, 23), minute=random.randint(0, 59)) + timedelta(
        days=random.randint(0, 8)
    )
    limit = Limit(random.randint(1, 12), Unit.WORKHOUR)
    since = start + timedelta(minutes=random.randint(0, 200))
    span = Span(since, since + timedelta(minutes=random.randint(0, 3000)))
    before = _clock.dues(Reckoning(start, limit)).due
    if before is None or before.at <= since:
        return
    found = _clock.dues(Reckoning(start, limit, (span,))).due
    assert found is not None
    assert found.at == _ticked(start, limit.n * 60, span)


def _ticked(moment: datetime, minutes: int, span: Span) -> datetime:
    assert span.until is not None
    while minutes:
        working = workdays.is_workday(moment.date()) and (9 <= moment.hour < 12 or 13 <= moment.hour < 18)
        if working and not span.since <= moment < span.until:
            minutes -= 1
        moment += timedelta(minutes=1)
    return moment


@given(DAYS)
def test_what_is_used_and_what_is_left_make_the_limit(seed: int) -> None:
    random = Random(seed)
    limit = Limit(random.randint(1, 30), Unit.WORKDAY)
    spans = _spans(random, MONDAY, limit)
    reckoning = Reckoning(MONDAY, limit, spans)
    due = _clock.dues(reckoning).due
    assert due is not None
    if due.on != _clock.after(MONDAY, limit.n, limit.unit, _clock.uncounted_of(reckoning)).on:
        return  # it waited for the end of a pause on its last day
    end = max([due.at, *(span.until for span in spans if span.until)])
    assert _clock.used(reckoning, MONDAY) == 0
    assert _clock.used(reckoning, end) == limit.n + workdays.workdays_between(due.on, end)


def test_used_during_a_pause_stands_still() -> None:
    reckoning = Reckoning(MONDAY, Limit.parse("10 workdays"), pauses("11-25.."))
    assert [_clock.used(reckoning, at(day)) for day in ("11-23", "11-24", "11-25", "11-27", "12-04")] == [0, 1, 2, 2, 2]
