"""The law's clock in every combination of unit, pause, extension and calendar change, against walking; and cases from Chinese law."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.flows import HOURS, body, packs_of
from tests.unit.kernel.cases.conftest import STAFF
from tests.world import MADE_AT, World, place_packs
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.cases import _book, _clock, actions, jobs, queries
from yiwang.kernel.cases._clock import Reckoning, Span
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.packs.contracts import Pack, PackSet, Text
from yiwang.kernel.people import actions as people
from yiwang.kernel.people.contracts import NewPost, NewStaff
from yiwang.kernel.workdays.contracts import LEGAL_TIME, Limit, Unit
from yiwang.kernel.workdays.kinds import CalendarYearPack


def at(text: str) -> datetime:
    """`11-27` is ten in the morning of 2026; `2027-01-04 15:30` is exact."""
    day, _, moment = text.partition(" ")
    return datetime.fromisoformat(f"{day if len(day) > 5 else f'2026-{day}'}T{moment or '10:00'}").replace(
        tzinfo=LEGAL_TIME
    )


@dataclass(frozen=True)
class Days:
    """The obvious calendar: weekends, plus days off, less weekend days worked."""

    off: frozenset[date] = frozenset()
    on: frozenset[date] = frozenset()

    def works(self, day: date) -> bool:
        return day in self.on or (day.weekday() < 5 and day not in self.off)


def walked(start: datetime, limit: Limit, pauses: Sequence[tuple[datetime, datetime]], days: Days) -> datetime | date:
    """When a limit ends: one minute, or one day, after the other."""
    if limit.unit is Unit.WORKHOUR:
        return _walked_by_minutes(start, limit.n * 60, pauses, days)
    left, day = limit.n, start.date()
    while left:
        day += timedelta(days=1)
        is_paused = any(since.date() < day <= until.date() for since, until in pauses)
        left -= not is_paused and (limit.unit is Unit.DAY or days.works(day))
    # Nothing ends while it is paused: then the day on which it runs again is the last.
    for since, until in pauses:
        if since.date() <= _rolled(day, days) < until.date():
            day = until.date()
    return _rolled(day, days)


def _rolled(day: date, days: Days) -> date:
    while not days.works(day):
        day += timedelta(days=1)
    return day


def _walked_by_minutes(
    moment: datetime, minutes: int, pauses: Sequence[tuple[datetime, datetime]], days: Days
) -> datetime:
    while minutes:
        if not days.works(moment.date()):
            moment = datetime.combine(moment.date() + timedelta(days=1), time.min, LEGAL_TIME)
            continue
        working = any(span.opens <= moment.time() < span.closes for span in HOURS.spans)
        minutes -= working and not any(since <= moment < until for since, until in pauses)
        moment += timedelta(minutes=1)
    return moment


# Friday 18 December 2026 at ten: four weekends and the turn of the year lie ahead.
START = at("12-18")
UNITS = {Unit.WORKDAY: Limit(10, Unit.WORKDAY), Unit.DAY: Limit(16, Unit.DAY), Unit.WORKHOUR: Limit(76, Unit.WORKHOUR)}
MORE = {Unit.WORKDAY: 3, Unit.DAY: 5, Unit.WORKHOUR: 9}
PAUSES = {
    "none": [],
    "within-a-day": [("12-21 09:30", "12-21 15:00")],
    "over-a-weekend": [("12-25 16:00", "12-28 11:00")],
    "on-a-weekend": [("12-26 10:00", "12-27 10:00")],
    "over-new-year": [("12-30 10:00", "2027-01-05 10:00")],
    "two": [("12-21 11:00", "12-23 09:00"), ("12-28 14:00", "12-29 14:00")],
}
EXTENDED = {
    "never": None,
    "before": at("12-18 14:00"),
    "during-or-between": at("12-25 18:00"),
    "after": at("12-30 09:00"),
}
CALENDARS: dict[str, dict[str, Any]] = {
    "as-foreseen": {"holidays": [{"name": "元旦", "from": "2027-01-01", "to": "2027-01-01"}]},
    "longer": {"holidays": [{"name": "元旦", "from": "2027-01-01", "to": "2027-01-05"}]},
    "made-up-before": {
        "holidays": [{"name": "元旦", "from": "2026-12-31", "to": "2027-01-04"}],
        "makeup_days": ["2026-12-26", "2027-01-09"],
    },
    "on-the-last-day": {"holidays": [{"name": "庆典", "from": "2027-01-04", "to": "2027-01-08"}]},
}
PUBLISHED = at("12-24 12:00")
COMBINATIONS = list(product(UNITS, PAUSES, EXTENDED, CALENDARS))


@cache
def notice(name: str) -> tuple[Pack, Days]:
    made = CalendarYearPack.model_validate(
        {"kind": "CalendarYear", "id": "next-year", "title": "次年安排", "year": 2027, **CALENDARS[name]}
    )
    off = frozenset(day for holiday in made.holidays for day in holiday.days)
    pack = Pack("CalendarYear", "next-year", 1, Text("次年安排"), name, "club", "next.yaml", made, {})
    return pack, Days(off, frozenset(made.makeup_days))


@cache
def under(name: str) -> PackSet:
    """A club's packs and the notice."""
    return PackSet([*packs_of(), notice(name)[0]])


def spans(name: str) -> list[tuple[datetime, datetime]]:
    return [(at(since), at(until)) for since, until in PAUSES[name]]


@pytest.mark.parametrize(("unit", "paused", "extended", "calendar"), COMBINATIONS)
def test_every_combination_ends_where_walking_ends(unit: Unit, paused: str, extended: str, calendar: str) -> None:
    more = MORE[unit] if EXTENDED[extended] else 0
    limit = Limit(UNITS[unit].n + more, unit)
    _, days = notice(calendar)
    with packs.using(under(calendar)):
        found = _clock.dues(Reckoning(START, limit, [Span(*span) for span in spans(paused)])).due
    assert found is not None
    assert (found.at if unit is Unit.WORKHOUR else found.on) == walked(START, limit, spans(paused), days)


FLOW = """
id: test.law
start: ask
pauses: {{rain: {{name: 下雨}}}}
clocks: {{law: {{name: 规定时限, pauses: [rain], until: decision, extension: {{times: 1, max: {more}}}}}}}
steps:
  ask: {{name: 报名, post: umpire, choices: {{accept: {{name: 接受, to: play, starts: [law]}}}}}}
  play: {{name: 比赛, post: umpire, choices: {{over: {{name: 打完, to: end, outcome: granted, decides: true}}}}}}
  end: {{name: 完, type: end}}
"""


@cache
def flow_packs(unit: Unit, calendar: str = "") -> PackSet:
    flow = body(FLOW.format(more=Limit(MORE[unit], unit).text))
    return PackSet([*packs_of(flow), *([notice(calendar)[0]] if calendar else [])])


@contextmanager
def in_force(unit: Unit, calendar: str = "") -> Iterator[None]:
    with packs.using(flow_packs(unit, calendar)):
        _book.pinned.cache_clear()
        yield
    _book.pinned.cache_clear()


@pytest.fixture
def umpires(world: World) -> World:
    staff = [
        NewStaff(username=name, name=name, posts=(NewPost(world.org(office).id, post, post),), password_hash="!")
        for name, (office, post) in STAFF.items()
    ]
    world.accounts.update(zip(STAFF, people.create_staff(staff=staff, by=SYSTEM, at=MADE_AT), strict=True))
    return world


def lived(world: World, unit: Unit, paused: str, extended: str, calendar: str) -> datetime | date | None:
    """A case that goes through all of it by the public actions, in the order of time; the due it ends up with."""
    happenings = [(since, "pause") for since, _ in spans(paused)] + [(until, "resume") for _, until in spans(paused)]
    happenings += [(moment, "extend")] if (moment := EXTENDED[extended]) else []
    before = sorted(one for one in happenings if one[0] < PUBLISHED)
    afterwards = sorted(one for one in happenings if one[0] >= PUBLISHED)
    with in_force(unit):
        case_id = _accepted(world, unit)
        for moment, what in before:
            _do(world, case_id, unit, moment, what)
    with in_force(unit, calendar):
        jobs.redate_all(actions.begin_redating(release=0, by=SYSTEM, at=PUBLISHED))
        for moment, what in afterwards:
            _do(world, case_id, unit, moment, what)
        (clock,) = queries.peek(case_id, at=at("2027-01-05 12:00")).clocks
    if clock.due_at is None:
        return None
    return clock.due_at if unit is Unit.WORKHOUR else clock.due_at.astimezone(LEGAL_TIME).date()


def _accepted(world: World, unit: Unit) -> int:
    opened = actions.open_case(
        kind="match",
        flow="test.law",
        title="周日比赛",
        org_id=world.org("health").id,
        region_code="990102000000",
        applicant_id=world.mother.id,
        subject="",
        data={},
        limits={"law": UNITS[unit]},
        by=world.actor("mother"),
        at=START,
    )
    return actions.advance(case_id=opened.id, step="ask", choice="accept", by=SYSTEM, at=START).id


def _do(world: World, case_id: int, unit: Unit, moment: datetime, what: str) -> None:
    match what:
        case "pause":
            actions.pause(case_id=case_id, reason="rain", by=SYSTEM, at=moment)
        case "resume":
            actions.resume(case_id=case_id, by=SYSTEM, at=moment)
        case "extend":
            more = Limit(MORE[unit], unit)
            actions.extend(case_id=case_id, clock="law", limit=more, reason="案情复杂", by=SYSTEM, at=moment)


def _agrees(world: World, unit: Unit, paused: str, extended: str, calendar: str) -> None:
    more = MORE[unit] if EXTENDED[extended] else 0
    expected = walked(START, Limit(UNITS[unit].n + more, unit), spans(paused), notice(calendar)[1])
    found = lived(world, unit, paused, extended, calendar)
    assert found == expected, (unit, paused, extended, calendar)


# Every fifth, so that each pause, extension and calendar meets each unit; all of them in the slow test.
def test_cases_that_live_through_it_fall_due_there(umpires: World) -> None:
    for combination in COMBINATIONS[::5]:
        _agrees(umpires, *combination)


@pytest.mark.slow
@pytest.mark.parametrize("unit", UNITS)
def test_all_cases_that_live_through_it_fall_due_there(umpires: World, unit: Unit) -> None:
    for combination in product(PAUSES, EXTENDED, CALENDARS):
        _agrees(umpires, unit, *combination)


MOMENTS = st.integers(0, 12 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))


@given(
    unit=st.sampled_from(list(UNITS)),
    n=st.integers(1, 20),
    more=st.integers(0, 10),
    points=st.lists(MOMENTS, max_size=6, unique=True),
    calendar=st.sampled_from(list(CALENDARS)),
)
def test_any_pauses_end_where_walking_ends(
    unit: Unit, n: int, more: int, points: list[datetime], calendar: str
) -> None:
    _, days = notice(calendar)
    limit = Limit(n + more, unit)
    with packs.using(under(calendar)):
        pauses = _in_time(limit, sorted(points))
        found = _clock.dues(Reckoning(START, limit, [Span(*span) for span in pauses])).due
    assert found is not None
    assert (found.at if unit is Unit.WORKHOUR else found.on) == walked(START, limit, pauses, days)


def _in_time(limit: Limit, points: list[datetime]) -> list[tuple[datetime, datetime]]:
    """Pauses that begin before the limit as it then stands is over: later ones are refused."""
    kept: list[tuple[datetime, datetime]] = []
    for since, until in zip(points[::2], points[1::2], strict=False):
        due = _clock.dues(Reckoning(START, limit, [Span(*span) for span in kept])).due
        if due is None or due.at <= since:
            break
        kept.append((since, until))
    return kept


# law, start, limit with its extension, pauses, the last day; under the published calendar of 2026.
LAW = [
    ("行政许可法四十二：二十日，春节与两个调休日", "01-26", "20 workdays", [], "02-28"),
    ("行政许可法四十五：听证不计", "01-26", "20 workdays", [("02-03", "02-10")], "03-06"),
    ("行政许可法四十二：经批准延长十日", "01-26", "30 workdays", [], "03-13"),
    ("行政许可法三十二：五日内一次告知补正，跨国庆", "09-29", "5 workdays", [], "10-12"),
    ("行政许可法四十二：统一办理四十五日", "08-31", "45 workdays", [], "11-06"),
    ("行政处罚法六十：立案后九十日，末日遇国庆顺延", "07-03", "90 days", [], "10-08"),
    ("行政处罚法六十四：五日（工作日）内提出听证", "09-30", "5 workdays", [], "10-13"),
    ("信访工作条例：六十日，末日遇国庆顺延", "08-03", "60 days", [], "10-08"),
    ("信访工作条例：延长三十日，末日为星期日", "08-03", "90 days", [], "11-02"),
    ("工伤保险条例二十：中止十日", "08-03", "60 days", [("08-10", "08-20")], "10-12"),
    ("政府信息公开条例三十三：二十个工作日", "09-14", "20 workdays", [], "10-16"),
    ("政府信息公开条例三十三：延长二十个工作日", "09-14", "40 workdays", [], "11-13"),
    ("民法典二百零一：当日起算不计入", "11-23", "1 workday", [], "11-24"),
    ("民法典二百零三：末日为星期六顺延", "11-23", "5 days", [], "11-30"),
    ("城市管理：四工作时，跨中秋", "09-24 16:00", "4 workhours", [], "09-28 12:00"),
    ("城市管理：四工作时，停工一个午后", "11-23 10:00", "4 workhours", [("11-23 13:30", "11-24 09:00")], "11-24 10:30"),
]


@pytest.mark.parametrize(("law", "start", "limit", "paused", "due"), LAW, ids=[row[0] for row in LAW])
def test_cases_of_law(law: str, start: str, limit: str, paused: list[tuple[str, str]], due: str) -> None:
    pauses = [Span(at(since), at(until)) for since, until in paused]
    with packs.using(place_packs()):
        found = _clock.dues(Reckoning(at(start), Limit.parse(limit), pauses)).due
    assert found is not None
    assert not found.is_provisional
    assert found.at == at(due) if " " in due else found.on == at(due).date()
