"""Families: sub-cases in order, results handed on, and how a parent comes out."""

from typing import Any

import pytest

from tests.unit.kernel.cases.conftest import Club
from yiwang.kernel.cases import actions, contracts, queries
from yiwang.kernel.cases.contracts import (
    BadPlan,
    CaseView,
    EffectContext,
    FamilyView,
    NoSuchCase,
    NotInstalled,
    Part,
    SameHolder,
    SlotStatus,
    SlotView,
)
from yiwang.kernel.workdays.contracts import Limit


def part(club: Club, slot: str, *after: str, **more: Any) -> Part:
    org = club.world.org("health").id
    return Part(slot, f"{slot}组", "match", "test.single", org, after=after, data={"slot": slot}, **more)


@pytest.fixture
def plan(club: Club) -> list[Part]:
    """First and second at once, third after first; each hands its score on to those after it."""
    parts = [part(club, "first"), part(club, "second"), part(club, "third", "first")]

    def prepare(slot: SlotView, family: FamilyView) -> dict[str, Any]:
        return {"scores": {name: dict(family.results[name]) for name in slot.after}}

    contracts.register_plan("test.matches", lambda case: parts, prepare)
    contracts.register_effect("test.score", lambda context: {"score": context.form.get("score", 6)})
    return parts


def begin(club: Club) -> CaseView:
    return club.take(club.open("test.league"), "draw.go", "ann")


def slots(case: CaseView) -> dict[str, SlotView]:
    return {slot.slot: slot for slot in queries.family(case.id).slots}


def play(club: Club, case: CaseView, slot: str, result: str = "win", **more: Any) -> None:
    child = slots(case)[slot].case
    assert child is not None
    club.take(child, f"play.{result}", "ann", grounds="技不如人", **more)


def test_what_is_told_of_a_part_names_its_family(club: Club, plan: list[Part]) -> None:
    case = begin(club)
    first = slots(case)["first"].case
    assert first is not None
    told = queries.told(first.id)
    assert (told.number, told.root_number, told.root_title, told.is_root) == (
        first.number,
        case.number,
        case.title,
        False,
    )
    for view, dues in ((first, told.dues), (queries.peek(case.id), told.root_dues)):
        assert dues == {clock.name: clock.due_at for clock in view.clocks if clock.task_id is None and clock.due_at}
    with pytest.raises(NoSuchCase):
        queries.told(0)


def test_children_open_in_order_and_hand_on(club: Club, plan: list[Part]) -> None:
    case = begin(club)
    assert {name: slot.status for name, slot in slots(case).items()} == {
        "first": SlotStatus.OPEN,
        "second": SlotStatus.OPEN,
        "third": SlotStatus.WAITING,
    }
    first = slots(case)["first"].case
    assert first is not None
    assert (first.number, first.root_id, first.slot) == (f"{case.number}-01", case.id, "first")
    play(club, case, "first", form={"score": 7})
    third = slots(case)["third"].case
    assert third is not None
    assert queries.data(third.id) == {"slot": "third", "scores": {"first": {"score": 7}}}
    play(club, case, "second")
    assert [task.step for task in queries.peek(case.id).steps_open] == ["matches"]
    play(club, case, "third")
    assert [task.step for task in queries.peek(case.id).steps_open] == ["feast"]
    assert club.take(case, "feast.done", "cat").outcome == "completed"


def test_what_waits_for_a_failure_is_skipped(club: Club, plan: list[Part]) -> None:
    case = begin(club)
    play(club, case, "first", "lose")
    assert slots(case)["third"].status is SlotStatus.SKIPPED
    play(club, case, "second")
    assert club.take(case, "feast.done", "cat").outcome == "some-played"


def test_when_nothing_comes_out_the_case_ends(club: Club, plan: list[Part]) -> None:
    case = begin(club)
    play(club, case, "first", "lose")
    play(club, case, "second", "lose")
    ended = queries.peek(case.id)
    assert (ended.outcome, ended.is_open) == ("none-played", False)


def test_a_second_round_keeps_what_came_out_well(club: Club, plan: list[Part]) -> None:
    case = begin(club)
    play(club, case, "first")
    play(club, case, "second", "lose")
    play(club, case, "third")
    club.take(case, "feast.again", "cat")
    again = slots(case)
    assert again["first"].status is SlotStatus.DONE
    assert again["second"].case is not None
    assert again["second"].case.is_open
    play(club, case, "second")
    assert club.take(case, "feast.done", "cat").outcome == "completed"


def test_whoever_played_anywhere_in_the_family_may_not_be_the_other_holder(club: Club, plan: list[Part]) -> None:
    case = begin(club)
    child = club.open("test.weather", family_of=case.id, limits={"law": Limit.parse("9 workdays")})
    child = club.take(child, "ask.accept", "ann")
    child = club.take(child, "play.over", "bob")
    other = club.open("test.weather", family_of=case.id)
    other = club.take(club.take(other, "ask.accept", "ann"), "play.over", "ann")
    both = club.actor("bob")
    twice = type(both)(
        kind=both.kind, name="bob", account_id=both.account_id, posts=both.posts + club.actor("cat").posts
    )
    with pytest.raises(SameHolder):
        club.take(other, "prize.cup", twice)


def test_withdrawing_the_root_ends_what_is_not_decided(club: Club, plan: list[Part]) -> None:
    case = begin(club)
    play(club, case, "first")
    actions.withdraw(case_id=case.id, by=club.player, at=club.at)
    outcomes = {name: slot.case.outcome if slot.case else "" for name, slot in slots(case).items()}
    assert outcomes == {"first": "granted", "second": "withdrawn", "third": "withdrawn"}
    assert queries.peek(case.id).outcome == "withdrawn"
    kinds = [event.kind for event in queries.history(case.id)]
    assert kinds == ["opened", "advanced", "withdrawn", "cancelled", "closed"]


def test_what_is_decided_outlives_a_withdrawal_and_not_an_order(club: Club, plan: list[Part]) -> None:
    limits = {"law": Limit.parse("9 workdays")}
    plan[:] = [
        part(club, "first"),
        Part("slow", "慢组", "match", "test.weather", club.world.org("health").id, limits=limits),
    ]
    withdrawn, ended = begin(club), begin(club)
    for case in (withdrawn, ended):
        slow = slots(case)["slow"].case
        assert slow is not None
        for what, who in (("ask.accept", "ann"), ("play.over", "ann"), ("prize.cup", "cat")):
            club.take(slow, what, who)
    actions.withdraw(case_id=withdrawn.id, by=club.player, at=club.at)
    actions.terminate(case_id=ended.id, reason="场地塌了", by=club.actor("warden"), at=club.at)
    spared, stopped = slots(withdrawn)["slow"].case, slots(ended)["slow"].case
    assert spared is not None
    assert stopped is not None
    assert (spared.is_open, stopped.outcome) == (True, "terminated")
    assert club.take(spared, "tidy.done", "ann").outcome == "granted"
    assert queries.peek(withdrawn.id).outcome == "withdrawn"


def test_a_child_may_be_withdrawn_alone(club: Club, plan: list[Part]) -> None:
    case = begin(club)
    second = slots(case)["second"].case
    assert second is not None
    actions.withdraw(case_id=second.id, by=club.player, at=club.at)
    play(club, case, "first")
    play(club, case, "third")
    assert club.take(case, "feast.done", "cat").outcome == "some-played"


def test_a_plan_without_parts_goes_on_at_once(club: Club, plan: list[Part]) -> None:
    plan.clear()
    assert [task.step for task in begin(club).steps_open] == ["feast"]


@pytest.mark.parametrize("after", [("third",), ("nobody",)])
def test_a_plan_that_waits_for_itself_is_refused(club: Club, plan: list[Part], after: tuple[str, ...]) -> None:
    plan[0] = part(club, "first", *after)
    with pytest.raises(BadPlan):
        begin(club)


def test_a_plan_that_is_not_installed_leaves_the_case_as_it_was(club: Club) -> None:
    case = club.open("test.league")
    with pytest.raises(NotInstalled):
        club.take(case, "draw.go", "ann")
    assert [task.step for task in queries.peek(case.id).steps_open] == ["draw"]


def test_an_effect_may_not_move_its_own_family(club: Club, plan: list[Part]) -> None:
    def meddle(context: EffectContext) -> None:
        actions.withdraw(case_id=context.case.root_id, by=club.player, at=club.at)

    contracts.register_effect("test.score", meddle)
    case = begin(club)
    with pytest.raises(RuntimeError, match="must not advance"):
        play(club, case, "first")


def test_an_effect_may_note_and_attach(club: Club, plan: list[Part]) -> None:
    def jot(context: EffectContext) -> None:
        actions.note(case_id=context.case.id, text=f"{context.choice}了", is_visible=True, by=context.by, at=context.at)

    contracts.register_effect("test.score", jot)
    case = begin(club)
    play(club, case, "first")
    first = slots(case)["first"].case
    assert first is not None
    assert [event.kind for event in queries.history(first.id)] == ["opened", "advanced", "note", "closed"]
    assert first.outcome == "granted"
