"""All running limits reckoned anew when a calendar is published: once, in batches, with a list of what changed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest

from tests import flows
from tests.unit.kernel.cases.conftest import Club
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.cases import _redating, actions, jobs, listeners, queries
from yiwang.kernel.cases.contracts import CaseView, Lamp, NothingToResume, NotYourCase, RedatingView
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.workdays.contracts import LEGAL_TIME, Limit

LIMITS = {"law": Limit.parse("10 workdays"), "word": Limit.parse("4 workdays")}
HOLIDAY = {"name": "庆典", "from": "2026-12-01", "to": "2026-12-02"}


@pytest.fixture
def case(club: Club) -> CaseView:
    """Accepted on Monday 23 November: 10 work days by rule (7 December), 4 by promise (27 November)."""
    return club.take(club.open("test.weather", limits=LIMITS), "ask.accept", "ann")


@contextmanager
def published(*holidays: dict[str, str]) -> Iterator[None]:
    """The same flows under a year with a notice."""
    with packs.using(flows.packs_of(*map(flows.body, (flows.TENNIS, flows.WEATHER)), holidays=list(holidays))):
        yield


def recomputed(at: datetime, release: int = 0) -> RedatingView:
    return jobs.redate_all(actions.begin_redating(release=release, by=SYSTEM, at=at))


def due(case: CaseView, name: str, at: datetime) -> tuple[str, bool, Lamp]:
    clock = next(one for one in queries.peek(case.id, at=at).clocks if one.name == name)
    shown = clock.due_at.astimezone(LEGAL_TIME).strftime("%m-%d") if clock.due_at else ""
    return shown, clock.is_provisional, clock.lamp


def test_a_published_calendar_moves_what_it_touches(club: Club, case: CaseView) -> None:
    at = club.at + timedelta(days=1)
    untouched = club.open("test.weather")
    assert due(case, "law", at) == ("12-07", True, Lamp.GREEN)
    with published(HOLIDAY):
        run = recomputed(at)
        assert (run.is_open, run.seen, run.moved, run.firmed) == (False, 4, 1, 4)
        assert recomputed(at).moved == 0
        assert due(case, "law", at) == ("12-09", False, Lamp.GREEN)
        assert due(untouched, "step:ask", at) == ("11-30", False, Lamp.GREEN)
        told = [event.sentence for event in queries.history(case.id, visible_only=True)]
    assert told[-1] == "节假日安排公布，规定时限的到期日由2026-12-07改为2026-12-09"


def test_every_change_is_listed_with_before_and_after(club: Club, case: CaseView) -> None:
    with published(HOLIDAY):
        run = recomputed(club.at + timedelta(days=1))
        lines = queries.redated(run.id, club.actor("warden")).items
        assert [line.row for line in lines if line.clock == "规定时限"] == [
            (case.number, "规定时限", "2026-12-07", "2026-12-09", "是", "否", "否")
        ]
        assert {line.clock for line in lines} == {"规定时限", "承诺时限", "比赛"}
        assert queries.redated(run.id, club.actor("ann")).items == []


def test_the_open_step_follows_its_limit(club: Club, case: CaseView) -> None:
    with published({"name": "庆典", "from": "2026-11-25", "to": "2026-11-26"}):
        recomputed(club.at + timedelta(hours=1))
        (task,) = queries.peek(case.id, at=club.at).steps_open
        assert task.due_at is not None
        assert task.due_at.astimezone(LEGAL_TIME).strftime("%m-%d") == "11-27"


def test_a_run_that_was_broken_off_goes_on_where_it_was(
    club: Club, case: CaseView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_redating, "BATCH", 2)
    at = club.at + timedelta(days=1)
    with published(HOLIDAY):
        first = actions.redate(run_id=actions.begin_redating(release=7, by=SYSTEM, at=at).id, by=SYSTEM, at=at)
        assert (first.is_open, first.seen) == (True, 2)
        resumed = actions.resume_redating(by=SYSTEM, at=at)
        assert (resumed.id, resumed.seen) == (first.id, 2)
        done = jobs.redate_all(resumed)
        assert (done.seen, done.moved) == (3, 1)
        assert len(queries.redated(done.id, SYSTEM).items) == 3
        with pytest.raises(NothingToResume):
            actions.resume_redating(by=SYSTEM, at=at)


def test_a_release_is_reckoned_once_however_often_it_is_told(club: Club, case: CaseView) -> None:
    with published(HOLIDAY):
        for _ in range(2):
            listeners.redate(payload={"release": 7}, at=club.at)
    (run,) = queries.redatings().items
    assert (run.release, run.is_open, run.moved) == (7, False, 1)
    events = [event for event in queries.history(case.id) if event.kind == "redated"]
    assert len(events) == 1


def test_a_newer_release_takes_over_from_one_still_going_on(club: Club, case: CaseView) -> None:
    old = actions.begin_redating(release=7, by=SYSTEM, at=club.at)
    with published(HOLIDAY):
        assert recomputed(club.at, release=8).moved == 1
        assert actions.redate(run_id=old.id, by=SYSTEM, at=club.at).is_superseded


def test_what_a_holiday_proves_not_to_be_overdue_is_lifted_and_falls_due_again(club: Club, case: CaseView) -> None:
    late = club.at + timedelta(days=4, hours=20)
    assert actions.sweep(by=SYSTEM, at=late)
    assert due(case, "word", late)[2] is Lamp.RED
    with published({"name": "庆典", "from": "2026-11-26", "to": "2026-11-27"}):
        run = recomputed(late)
        assert due(case, "word", late) == ("12-01", False, Lamp.GREEN)
        lifted = [line.clock for line in queries.redated(run.id, SYSTEM).items if line.is_lifted]
        assert sorted(lifted) == ["承诺时限", "比赛"]
        before = [event.kind for event in queries.history(case.id)].count("overdue")
        actions.sweep(by=SYSTEM, at=club.at + timedelta(days=9))
        assert [event.kind for event in queries.history(case.id)].count("overdue") == before + 2


def test_a_paused_limit_waits_for_its_end(club: Club, case: CaseView) -> None:
    actions.pause(case_id=case.id, reason="rain", by=club.actor("ann"), at=club.at)
    with published(HOLIDAY):
        assert recomputed(club.at).seen == 0
        actions.resume(case_id=case.id, by=club.actor("ann"), at=club.at + timedelta(days=1))
        assert due(case, "law", club.at)[0] == "12-10"


def test_only_the_system_recomputes(club: Club) -> None:
    with pytest.raises(NotYourCase):
        actions.begin_redating(release=0, by=club.actor("warden"), at=club.at)


def test_a_batch_costs_the_same_for_many(club: Club, case: CaseView, django_assert_max_num_queries: "object") -> None:
    for _ in range(3):
        club.take(club.open("test.weather", limits=LIMITS), "ask.accept", "ann")
    with published(HOLIDAY):
        run = actions.begin_redating(release=0, by=SYSTEM, at=club.at)
        with django_assert_max_num_queries(20):  # type: ignore[operator]
            assert actions.redate(run_id=run.id, by=SYSTEM, at=club.at).moved == 4
