"""Steps that ask many: everyone has a task of their own, enough answers lead on, a hundred cost as much as two."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import flows
from tests.unit.kernel.cases.conftest import Club
from tests.world import make_uscc
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.cases import actions, contracts, queries
from yiwang.kernel.cases.contracts import (
    BadPlan,
    CannotAdvance,
    CaseView,
    GroundsMissing,
    Instance,
    NotYourStep,
    RoundView,
    TaskStatus,
)
from yiwang.kernel.orgs import actions as orgs
from yiwang.kernel.orgs.contracts import NewOrganisation
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.workdays.contracts import Limit

CLUBS = ("health", "other-health", "hospital")


def ask(club: Club, *keys: str, **more: Any) -> CaseView:
    clubs = [club.world.org(key).id for key in keys or CLUBS]
    return club.take(club.open("test.poll"), "draft.ask", "cat", form={"clubs": clubs}, **more)


def answer(club: Club, case: CaseView, key: str, choice: str, **more: Any) -> CaseView:
    return actions.advance(
        case_id=case.id,
        step="poll",
        choice=choice,
        instance=str(club.world.org(key).id),
        by=SYSTEM,
        at=more.pop("at", club.at),
        **more,
    )


def steps(case: CaseView) -> list[str]:
    return [task.step for task in case.steps_open]


def poll(case: CaseView) -> RoundView:
    return queries.rounds(case.id)[-1]


def test_everyone_gets_a_task_of_their_own(club: Club) -> None:
    case = ask(club)
    asked = [task for task in case.steps_open if task.instance]
    assert [task.org_id for task in asked] == [club.world.org(key).id for key in CLUBS]
    assert len({task.due_at for task in asked}) == 1
    assert [row.case_id for row in queries.work_list(club.actor("ann"), at=club.at).items] == [case.id]
    assert [row.case_id for row in queries.work_list(club.actor("far"), at=club.at).items] == [case.id]
    assert [row.step for row in queries.work_list(club.actor("cat"), box="waiting", at=club.at).items] == ["poll"]


def test_enough_answers_lead_on_and_the_others_are_let_off(club: Club) -> None:
    case = ask(club)
    case = club.take(case, "poll.agree", "ann", grounds="赞成")
    assert (poll(case).answered, poll(case).counted, poll(case).needed) == (1, 1, 2)
    # Whoever has not answered is looked for, and stands first.
    assert [one.status for one in poll(case).opinions] == [TaskStatus.OPEN, TaskStatus.OPEN, TaskStatus.DONE]
    case = club.take(case, "poll.agree", "far")
    assert steps(case) == ["seal"]
    said = {one.org_name: (one.choice_name, one.grounds, one.status) for one in poll(case).opinions}
    assert said == {
        "区卫健局": ("同意", "赞成", TaskStatus.DONE),
        "望湖区卫健局": ("同意", "", TaskStatus.DONE),
        "区妇幼保健院": ("", "", TaskStatus.CANCELLED),
    }
    lines = [event.sentence for event in queries.history(case.id)]
    assert "各会会签（望湖区卫健局）：同意" in lines
    assert "各会会签：征求3家单位意见" in lines
    assert not any("会签（" in event.sentence for event in queries.history(case.id, visible_only=True))


def test_when_enough_can_no_longer_come_it_goes_the_other_way(club: Club) -> None:
    case = ask(club)
    with pytest.raises(GroundsMissing):
        club.take(case, "poll.object", "ann")
    club.take(case, "poll.object", "ann", grounds="太贵")
    assert steps(club.take(case, "poll.object", "far", grounds="太远")) == ["draft"]
    again = club.take(case, "draft.ask", "cat", form={"clubs": [club.world.org("health").id]})
    assert [task.step for task in again.steps_open if task.instance] == ["poll"]
    assert len(queries.rounds(case.id)) == 2
    # One is asked, two were wanted: one is enough.
    assert steps(club.take(case, "poll.agree", "ann")) == ["seal"]


def test_one_may_stop_it_all(club: Club) -> None:
    case = club.take(ask(club), "poll.stop", "ann", grounds="违规")
    assert (case.outcome, case.is_open) == ("disputed", False)


def test_only_the_asked_answer_and_each_once(club: Club) -> None:
    case = ask(club, "other-health", "hospital")
    with pytest.raises(CannotAdvance):
        club.take(case, "poll.agree", "ann")
    with pytest.raises(NotYourStep):
        club.take(case, "poll.agree", "ann", instance=str(club.world.org("hospital").id))
    club.take(case, "poll.object", "far", grounds="不")
    with pytest.raises(CannotAdvance):
        club.take(case, "poll.agree", "far")


def test_a_page_that_is_older_than_the_answers_of_others_still_counts(club: Club) -> None:
    case = ask(club)
    club.take(case, "poll.agree", "far")
    assert steps(club.take(case, "poll.agree", "ann", expected_version=case.version)) == ["seal"]


def test_silence_of_one_is_only_that_ones(club: Club) -> None:
    def roll(case: CaseView) -> list[Instance]:
        return [Instance(club.world.org(key).id, key, Limit.parse(f"{n + 1} workdays")) for n, key in enumerate(CLUBS)]

    contracts.register_roll("test.roll", roll)
    planned = flows.body(flows.POLL.replace("data:clubs", "plan:test.roll"))
    with packs.using(flows.packs_of(planned)):
        case = club.take(club.open("test.poll"), "draft.ask", "cat")
        asked = [task for task in case.steps_open if task.instance]
        assert [task.instance for task in asked] == list(CLUBS)
        dues = [task.due_at for task in asked]
        assert dues == sorted({due for due in dues if due})
        assert dues[0]
        actions.sweep(by=SYSTEM, at=dues[0])
        assert (poll(case).answered, poll(case).is_open) == (1, True)
        actions.sweep(by=SYSTEM, at=club.at + timedelta(days=20))
        assert steps(queries.peek(case.id)) == ["seal"]
        assert [one.status for one in poll(case).opinions].count(TaskStatus.DONE) == 2


def test_withdrawing_lets_everyone_off(club: Club) -> None:
    case = ask(club)
    assert actions.withdraw(case_id=case.id, by=club.player, at=club.at).steps_open == ()
    assert queries.work_list(club.actor("ann"), at=club.at).items == []


@pytest.mark.parametrize("clubs", [None, ["x"], [0], "twice"])
def test_a_list_that_makes_no_sense_is_refused(club: Club, clubs: Any) -> None:
    one = club.world.org("health").id
    form = {} if clubs is None else {"clubs": [one, one] if clubs == "twice" else clubs}
    case = club.open("test.poll")
    with pytest.raises(BadPlan):
        club.take(case, "draft.ask", "cat", form=form)
    assert steps(queries.peek(case.id)) == ["draft"]


def test_a_hundred_cost_as_many_queries_as_two(club: Club) -> None:
    health = club.world.org("health")
    made = orgs.create_many(
        organisations=[
            NewOrganisation(
                uscc=make_uscc("12990102MB00000", n),
                name=f"第{n}会",
                kind="club",
                region_code="990102000000",
                opened_on=club.at.date(),
                parent_uscc=health.uscc,
            )
            for n in range(100)
        ],
        by=SYSTEM,
        at=club.at,
    )
    ids = [one.id for one in made]

    def cost(clubs: list[int], then: Any) -> tuple[int, int]:
        case = club.open("test.poll")
        with CaptureQueriesContext(connection) as opening:
            club.take(case, "draft.ask", "cat", form={"clubs": clubs})
        with CaptureQueriesContext(connection) as closing:
            then(case)
        return len(opening), len(closing)

    def withdraw(case: CaseView) -> None:
        actions.withdraw(case_id=case.id, by=club.player, at=club.at)

    def read(case: CaseView) -> None:
        queries.rounds(case.id)
        queries.get(case.id, club.actor("ann"))

    assert cost(ids[:2], withdraw) == cost(ids, withdraw)
    assert cost(ids[:2], read)[1] == cost(ids, read)[1]
