"""Going back: a choice is taken back while nothing came of it, and a step is returned to whoever handled an earlier one."""

from datetime import timedelta

import pytest

from tests import flows
from tests.unit.kernel.cases.conftest import Club
from yiwang.kernel.cases import actions, contracts, queries
from yiwang.kernel.cases.contracts import (
    CannotAdvance,
    CannotRecall,
    CannotReturn,
    CaseView,
    EffectContext,
    GroundsMissing,
    NotYourStep,
)
from yiwang.kernel.cases.models import Task
from yiwang.kernel.packs import queries as packs


@pytest.fixture(autouse=True)
def effects() -> list[str]:
    """`test.score` can be undone, `test.post` cannot."""
    done: list[str] = []

    def score(context: EffectContext) -> None:
        done.append(f"score {context.choice}")

    def unscore(context: EffectContext) -> None:
        done.append(f"unscore {context.choice}")

    contracts.register_effect("test.score", score, undo=unscore)
    contracts.register_effect("test.post", lambda context: None)
    contracts.register_effect("test.strip", lambda context: None)
    return done


ROUNDABOUT = """
start: a
steps:
  a: {name: 甲, post: umpire, choices: {again: {name: 再来, to: a, once: true}, on: {name: 办, to: end}}}
  end: {name: 完, type: end}
"""


TRIO = """
start: fork
steps:
  fork: {name: 并, type: parallel, branches: [a, b, c], join: all, to: end}
  a: {name: 甲, post: umpire, choices: {on: {name: 办, to: join}}}
  b: {name: 乙, post: umpire, choices: {on: {name: 办, to: join}}}
  c: {name: 丙, post: umpire, choices: {on: {name: 办, to: join}}}
  end: {name: 完, type: end}
"""


def steps(case: CaseView) -> set[str]:
    return {task.step for task in case.steps_open}


def recall(club: Club, case: CaseView, step: str, who: str = "ann", **more: object) -> CaseView:
    return actions.recall(case_id=case.id, step=step, by=club.actor(who), at=more.pop("at", club.at), **more)  # type: ignore[arg-type]


def back(club: Club, case: CaseView, step: str, to: str, who: str, grounds: str = "不对") -> CaseView:
    return actions.send_back(case_id=case.id, step=step, to=to, grounds=grounds, by=club.actor(who), at=club.at)


@pytest.fixture
def warm(club: Club) -> CaseView:
    return club.take(club.open("test.cup"), "entry.in", "ann")


def test_a_choice_is_taken_back_with_its_effects_and_its_limit_runs_on(
    club: Club, warm: CaseView, effects: list[str]
) -> None:
    due = warm.steps_open[0].due_at
    case = club.take(warm, "warm.go", "ann")
    assert steps(case) == {"first", "second"}
    assert [one.choice_name for one in queries.recallable(case.id, club.actor("ann"))] == ["上场"]
    case = recall(club, case, "warm", at=club.at + timedelta(hours=1))
    assert steps(case) == {"warm"}
    assert case.steps_open[0].due_at == due
    assert case.steps_open[0].assignee_id == club.actor("ann").account_id
    assert effects == ["score go", "unscore go"]
    assert steps(club.take(case, "warm.go", "ann")) == {"first", "second"}
    assert [event.kind for event in queries.history(case.id)][-2:] == ["recalled", "advanced"]


def test_not_once_somebody_has_acted_or_signed(club: Club, warm: CaseView) -> None:
    case = club.take(warm, "warm.go", "ann")
    first = next(task for task in case.steps_open if task.step == "first")
    actions.sign_for(task_id=first.id, by=club.actor("bob"), at=club.at)
    with pytest.raises(CannotRecall):
        recall(club, case, "warm")
    assert queries.recallable(case.id, club.actor("ann")) == []
    club.take(case, "second.done", "ann")
    with pytest.raises(CannotRecall):
        recall(club, case, "warm")


def test_nobody_takes_back_what_another_did(club: Club, warm: CaseView) -> None:
    case = club.take(warm, "warm.go", "ann")
    with pytest.raises(CannotRecall):
        recall(club, case, "warm", "bob")


@pytest.mark.parametrize("choice", ["later", "note"])
def test_what_went_out_cannot_be_taken_back(club: Club, warm: CaseView, choice: str) -> None:
    case = club.take(warm, f"warm.{choice}", "ann")
    if choice == "later":
        with pytest.raises(CannotRecall):
            recall(club, case, "warm")
    else:
        assert steps(recall(club, case, "warm")) == {"warm"}


def test_starting_a_limit_and_deciding_are_for_good(club: Club, warm: CaseView) -> None:
    with pytest.raises(CannotRecall):
        recall(club, warm, "entry")
    case = club.take(warm, "warm.note", "ann")
    case = club.take(case, "judge.win", "cat")
    with pytest.raises(CannotRecall):
        recall(club, case, "judge", "cat")


def test_a_branch_is_taken_back_while_the_other_goes_on(club: Club, warm: CaseView) -> None:
    case = club.take(warm, "warm.go", "ann")
    case = club.take(case, "first.done", "ann")
    assert steps(recall(club, case, "first")) == {"first", "second"}
    case = club.take(case, "second.done", "bob")
    assert steps(case) == {"first"}
    case = club.take(case, "first.done", "ann")
    assert steps(case) == {"judge"}
    case = recall(club, case, "first")
    assert steps(case) == {"first"}
    case = club.take(case, "first.done", "ann")
    # bob's branch has been joined since: his part is over.
    with pytest.raises(CannotRecall):
        recall(club, case, "second", "bob")
    assert steps(case) == {"judge"}


def test_what_was_taken_back_bars_nobody_from_deciding(club: Club) -> None:
    case = club.open("test.cup")
    case = club.take(case, "entry.form", "ann")
    case = recall(club, case, "entry")
    done = Task.objects.filter(case=case.id, closed_by=club.actor("ann").account_id, status="done")
    assert not done.exists()


def test_one_of_many_takes_an_answer_back(club: Club) -> None:
    clubs = [club.world.org(key).id for key in ("health", "other-health", "hospital")]
    case = club.take(club.open("test.poll"), "draft.ask", "cat", form={"clubs": clubs})
    club.take(case, "poll.agree", "ann")
    instance = str(clubs[0])
    recall(club, case, "poll", "ann", instance=instance)
    assert queries.rounds(case.id)[0].answered == 0
    club.take(case, "poll.object", "ann", grounds="不")
    club.take(case, "poll.agree", "far")
    # The drafter may take the question itself back only while nobody has answered.
    with pytest.raises(CannotRecall):
        recall(club, case, "draft", "cat")


def test_the_drafter_takes_the_question_back(club: Club) -> None:
    clubs = [club.world.org(key).id for key in ("health", "other-health", "hospital")]
    case = club.take(club.open("test.poll"), "draft.ask", "cat", form={"clubs": clubs})
    case = recall(club, case, "draft", "cat")
    assert steps(case) == {"draft"}
    again = club.take(case, "draft.ask", "cat", form={"clubs": clubs[:1]})
    assert len(again.steps_open) == 2


def test_the_applicant_takes_back_what_they_sent(club: Club) -> None:
    case = club.take(club.open("test.cup"), "entry.form", "ann")
    case = club.take(case, "form.send", club.player)
    case = actions.recall(case_id=case.id, step="form", by=club.player, at=club.at)
    assert steps(case) == {"form"}
    assert [task.case_id for task in queries.waiting_for_applicant(club.world.mother.id)] == [case.id]


def test_a_step_goes_back_to_whoever_handled_the_earlier_one(club: Club, warm: CaseView) -> None:
    case = club.take(warm, "warm.go", "bob")
    case = club.take(club.take(case, "first.done", "ann"), "second.done", "bob")
    assert [one.step for one in queries.returns(case.id, "judge")] == ["entry", "warm"]
    with pytest.raises(GroundsMissing):
        back(club, case, "judge", "warm", "cat", grounds=" ")
    case = back(club, case, "judge", "warm", "cat", grounds="没热身")
    assert steps(case) == {"warm"}
    assert case.steps_open[0].assignee_id == club.actor("bob").account_id
    assert queries.history(case.id)[-1].sentence == "判罚：退回热身"
    assert queries.history(case.id)[-1].grounds == "没热身"
    assert [row.case_id for row in queries.work_list(club.actor("bob"), at=club.at).items] == [case.id]
    assert steps(club.take(case, "warm.note", "bob")) == {"judge"}


def test_going_back_out_of_a_branch_gives_up_the_others(club: Club, warm: CaseView) -> None:
    case = club.take(warm, "warm.go", "ann")
    case = club.take(case, "second.done", "ann")
    assert steps(back(club, case, "first", "entry", "ann")) == {"entry"}


@pytest.mark.parametrize(
    ("step", "to", "who", "error"),
    [
        ("judge", "first", "cat", CannotReturn),  # inside a branch that is over
        ("judge", "form", "cat", CannotReturn),  # never done
        ("judge", "judge", "cat", CannotReturn),
        ("judge", "nowhere", "cat", CannotReturn),
        ("judge", "warm", "ann", NotYourStep),
    ],
)
def test_ways_back_that_there_are_not(
    club: Club, warm: CaseView, step: str, to: str, who: str, error: type[Exception]
) -> None:
    case = club.take(warm, "warm.note", "ann")
    with pytest.raises(error):
        back(club, case, step, to, who)


def test_not_behind_a_decision(club: Club, warm: CaseView) -> None:
    case = club.take(club.take(warm, "warm.note", "ann"), "judge.win", "cat")
    with pytest.raises(CannotReturn):
        back(club, case, "prize", "warm", "ann")


def test_a_choice_that_leads_back_to_its_own_step_is_taken_back_too(club: Club) -> None:
    with packs.using(flows.packs_of(flows.body(ROUNDABOUT))):
        case = club.take(club.open("test.flow"), "a.again", "ann")
        with pytest.raises(CannotAdvance):
            club.take(case, "a.again", "ann")
        case = recall(club, case, "a")
        assert steps(case) == {"a"}
        assert steps(club.take(case, "a.again", "ann")) == {"a"}


def test_two_branches_are_each_taken_back(club: Club) -> None:
    with packs.using(flows.packs_of(flows.body(TRIO))):
        case = club.take(club.take(club.open("test.flow"), "a.on", "ann"), "b.on", "bob")
        assert steps(recall(club, case, "b", "bob")) == {"b", "c"}
        assert steps(recall(club, case, "a", "ann")) == {"a", "b", "c"}


LATE = """
start: a
steps:
  a: {name: 甲, post: umpire, choices: {on: {name: 办, to: fork}}}
  fork: {name: 并, type: parallel, branches: [b, c], join: any, late: run, to: d}
  b: {name: 乙, post: umpire, choices: {on: {name: 办, to: join}}}
  c: {name: 丙, post: umpire, choices: {on: {name: 办, to: then}}}
  then: {name: 丙后, post: umpire, choices: {on: {name: 办, to: join}}}
  d: {name: 丁, post: umpire, may_return_to: any, choices: {on: {name: 办, to: end}}}
  end: {name: 完, type: end}
"""


def test_a_late_choice_is_not_taken_back_once_its_round_begins_again(club: Club) -> None:
    with packs.using(flows.packs_of(flows.body(LATE))):
        case = club.take(club.take(club.open("test.flow"), "a.on", "ann"), "b.on", "ann")
        case = club.take(club.take(case, "c.on", "ann"), "then.on", "ann")
        assert steps(recall(club, case, "then")) == {"then", "d"}
        case = club.take(back(club, club.take(case, "then.on", "ann"), "d", "a", "ann"), "a.on", "ann")
        assert steps(case) == {"b", "c"}
        with pytest.raises(CannotRecall):
            recall(club, case, "then")
