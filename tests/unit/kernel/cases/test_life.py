"""A case from its first step to its end, through the public actions."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.unit.kernel.cases.conftest import Club
from yiwang.kernel.base.codes import mod_11_10
from yiwang.kernel.base.contracts import Denied
from yiwang.kernel.cases import actions, queries
from yiwang.kernel.cases.contracts import (
    CannotAdvance,
    CannotWithdraw,
    CaseStatus,
    GroundsMissing,
    HandledByOther,
    NotYourCase,
    NotYourStep,
    SameHolder,
)


def test_a_match_is_played_to_its_end(club: Club) -> None:
    case = club.open()
    assert [task.step for task in case.steps_open] == ["request"]
    case = club.take(case, "request.enter", "ann")
    assert case.accepted_at == club.at
    assert [clock.name for clock in case.clocks if clock.stopped_at is None] == ["season"]
    case = club.take(case, "first.done", "ann")
    case = club.take(case, "second.done", "bob")
    case = club.take(case, "prize.cup", "cat")
    assert (case.status, case.outcome, case.outcome_name) == (CaseStatus.CLOSED, "won", "胜")
    assert case.steps_open == ()
    sentences = [event.sentence for event in queries.history(case.id, visible_only=True)]
    assert sentences == ["已提交", "报名：入场", "第一盘：完", "第二盘：完", "发奖：颁杯", "刻字：自动办理", "办结：胜"]
    assert [clock.used_days for clock in queries.peek(case.id).clocks if clock.name == "season"] == [0]
    assert queries.data(case.id) == {"racket": "木拍"}


def test_numbers_have_region_day_serial_and_check(club: Club) -> None:
    first, second = club.open(), club.open()
    assert first.number[:-1] == "99010220261123000001"
    assert second.number[:-1] == "99010220261123000002"
    assert first.number[-1] == mod_11_10(first.number[:-1])
    assert len(first.query_code) == 8
    assert queries.by_number(first.query_code.lower()).id == first.id
    child = club.open(family_of=first.id)
    assert (child.number, child.root_id, child.parent_id) == (f"{first.number}-01", first.id, first.id)


def test_a_step_is_taken_once(club: Club) -> None:
    case = club.open()
    club.take(case, "request.enter", "ann")
    with pytest.raises(CannotAdvance):
        club.take(case, "request.enter", "bob")
    with pytest.raises(HandledByOther):
        club.take(case, "first.done", "bob", expected_version=case.version)
    with pytest.raises(CannotAdvance):
        club.take(case, "first.nonsense", "bob")


def test_only_the_post_of_the_step_at_its_organisation_acts(club: Club) -> None:
    case = club.open()
    for stranger in ("cat", "far", "warden"):
        with pytest.raises(NotYourStep):
            club.take(case, "request.enter", stranger)
    with pytest.raises(NotYourStep):
        club.take(case, "request.enter", club.player)


def test_only_the_applicant_takes_the_applicants_step(club: Club) -> None:
    case = club.take(club.open(), "request.ask", "ann", grounds="照片不清")
    for stranger in (club.actor("ann"), club.world.actor("neighbour")):
        with pytest.raises(NotYourStep):
            club.take(case, "photo.send", stranger)
    agent = club.world.actor("neighbour", club.world.mandate(club.world.mother, "neighbour"))
    case = club.take(case, "photo.send", agent)
    assert [choice.code for choice in case.steps_open[0].choices] == ["enter"]


def test_grounds_are_required_where_the_flow_says_so(club: Club) -> None:
    case = club.open()
    with pytest.raises(GroundsMissing):
        club.take(case, "request.ask", "ann", grounds=" ")
    club.take(case, "request.ask", "ann", grounds="照片不清")
    assert [event.grounds for event in queries.history(case.id)] == ["", "照片不清"]


def test_whoever_handled_may_not_decide(club: Club) -> None:
    case = club.take(club.open(), "request.enter", "ann")
    both = club.actor("ann")
    chair = club.actor("cat")
    twice = replace(both, posts=both.posts + chair.posts)
    case = club.take(case, "first.done", twice)
    case = club.take(case, "third.done", "bob")
    with pytest.raises(SameHolder):
        club.take(case, "prize.cup", twice)
    assert club.take(case, "prize.cup", "cat").outcome == "won"


def test_seeing_is_for_the_applicant_and_the_posts_there(club: Club) -> None:
    case = club.open()
    agent = club.world.actor("neighbour", club.world.mandate(club.world.mother, "neighbour"))
    for one in (club.player, agent, club.actor("ann"), club.actor("cat"), club.actor("warden")):
        assert queries.get(case.id, one).id == case.id
    for stranger in (club.world.actor("neighbour"), club.actor("far"), club.world.actor("machine")):
        with pytest.raises(NotYourCase):
            queries.get(case.id, stranger)


def test_the_applicant_may_withdraw_until_the_decision(club: Club) -> None:
    case = club.take(club.open(), "request.enter", "ann")
    with pytest.raises(Denied):
        actions.withdraw(case_id=case.id, by=club.actor("ann"), at=club.at)
    gone = actions.withdraw(case_id=case.id, by=club.player, at=club.at + timedelta(hours=1), reason="受伤")
    assert (gone.outcome, gone.steps_open) == ("withdrawn", ())
    with pytest.raises(CannotWithdraw):
        actions.withdraw(case_id=case.id, by=club.player, at=club.at)
    decided = club.open()
    for what, who in (("request.enter", "ann"), ("first.done", "ann"), ("third.done", "ann"), ("prize.cup", "cat")):
        decided = club.take(decided, what, who)
    with pytest.raises(CannotWithdraw):
        actions.withdraw(case_id=decided.id, by=club.player, at=club.at)


def test_a_supervisor_may_end_a_case_and_says_why(club: Club) -> None:
    case = club.open()
    with pytest.raises(NotYourCase):
        actions.terminate(case_id=case.id, reason="重复", by=club.actor("ann"), at=club.at)
    with pytest.raises(GroundsMissing):
        actions.terminate(case_id=case.id, reason="", by=club.actor("warden"), at=club.at)
    ended = actions.terminate(case_id=case.id, reason="重复", by=club.actor("warden"), at=club.at)
    assert ended.outcome == "terminated"
