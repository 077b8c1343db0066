"""Closed cases are opened again, decisions are put right; what was stays on record."""

from datetime import timedelta
from typing import Any

import pytest

from tests.unit.kernel.cases.conftest import Club
from tests.unit.kernel.cases.test_family import begin, part, play, slots
from yiwang.kernel.cases import actions, contracts, queries
from yiwang.kernel.cases.contracts import (
    CannotCorrect,
    CannotReopen,
    CaseView,
    EffectContext,
    GroundsMissing,
    NotYourCase,
    Part,
    SlotStatus,
)
from yiwang.kernel.ledger.models import Leaf


@pytest.fixture(autouse=True)
def effects() -> list[str]:
    stripped: list[str] = []

    def strip(context: EffectContext) -> dict[str, Any]:
        stripped.append(f"{context.choice}: {context.grounds}")
        return {"stripped": True}

    contracts.register_effect("test.score", lambda context: None)
    contracts.register_effect("test.post", lambda context: None)
    contracts.register_effect("test.strip", strip)
    return stripped


def steps(case: CaseView) -> set[str]:
    return {task.step for task in case.steps_open}


def refused(club: Club) -> CaseView:
    return club.take(club.open("test.cup"), "entry.out", "ann")


def won(club: Club) -> CaseView:
    case = club.take(club.open("test.cup"), "entry.in", "ann")
    case = club.take(club.take(case, "warm.note", "ann"), "judge.win", "cat")
    return club.take(case, "prize.done", "ann")


def reopen(club: Club, case: CaseView, step: str, who: str = "warden", reason: str = "收错了", **more: Any) -> CaseView:
    return actions.reopen(case_id=case.id, step=step, reason=reason, by=club.actor(who), at=more.get("at", club.at))


def correct(club: Club, case: CaseView, code: str, who: str = "warden", reason: str = "查出舞弊") -> CaseView:
    return actions.correct_decision(
        case_id=case.id, correction=code, reason=reason, by=club.actor(who), at=club.at + timedelta(days=1)
    )


def test_a_closed_case_begins_again_and_keeps_its_history(club: Club) -> None:
    case = refused(club)
    before = [event.id for event in queries.history(case.id)]
    assert [one.step for one in queries.reopenings(case.id)] == ["entry"]
    case = reopen(club, case, "entry")
    assert (case.is_open, case.outcome, case.closed_at, steps(case)) == (True, "", None, {"entry"})
    assert [event.id for event in queries.history(case.id)][: len(before)] == before
    assert queries.history(case.id)[-1].sentence == "重新办理，从报名开始"
    case = club.take(club.take(case, "entry.in", "ann"), "warm.note", "ann")
    assert steps(case) == {"judge"}


def test_limits_run_anew(club: Club) -> None:
    case = club.take(club.open("test.cup"), "entry.in", "ann")
    first = case.clocks[0].due_at
    actions.terminate(case_id=case.id, reason="场地塌了", by=club.actor("warden"), at=club.at)
    later = club.at + timedelta(days=20)
    case = reopen(club, case, "warm", at=later)
    season = [clock for clock in case.clocks if clock.name == "season"]
    assert len(season) == 1
    assert (season[0].started_at, season[0].stopped_at) == (later, None)
    assert season[0].due_at is not None
    assert first is not None
    assert season[0].due_at > first
    again = reopen(club, refused(club), "entry", at=later)
    assert again.clocks == ()
    assert [clock.name for clock in club.take(again, "entry.in", "ann", at=later).clocks] == ["season", "step:warm"]


def test_what_is_decided_is_not_decided_again_by_reopening(club: Club) -> None:
    case = won(club)
    with pytest.raises(CannotReopen):
        reopen(club, case, "judge")
    case = reopen(club, case, "prize")
    assert (case.outcome, steps(case)) == ("won", {"prize"})
    assert club.take(case, "prize.done", "ann").outcome == "won"


def test_who_may_reopen_and_when(club: Club) -> None:
    case = refused(club)
    with pytest.raises(NotYourCase):
        reopen(club, case, "entry", "ann")
    with pytest.raises(GroundsMissing):
        reopen(club, case, "entry", reason=" ")
    with pytest.raises(CannotReopen):
        reopen(club, case, "warm")
    with pytest.raises(CannotReopen):
        reopen(club, club.open("test.cup"), "entry")


def test_a_parent_that_still_waits_waits_for_the_reopened_child_too(club: Club) -> None:
    parts: list[Part] = [part(club, "first"), part(club, "second")]
    contracts.register_plan("test.matches", lambda case: parts)
    case = begin(club)
    first = slots(case)["first"].case
    assert first is not None
    actions.terminate(case_id=first.id, reason="错", by=club.actor("warden"), at=club.at)
    reopen(club, first, "play")
    assert slots(case)["first"].status is SlotStatus.OPEN
    play(club, case, "second")
    assert steps(queries.peek(case.id)) == {"matches"}
    play(club, case, "first")
    assert steps(queries.peek(case.id)) == {"feast"}


def test_a_decision_is_replaced_and_stays_on_record(club: Club, effects: list[str]) -> None:
    case = won(club)
    decided_at = case.decided_at
    assert [way.code for way in queries.correction_ways(case.id)] == ["strip", "rejudge"]
    case = correct(club, case, "strip")
    assert (case.outcome, case.outcome_name, case.is_open, case.decided_at) == ("void", "成绩作废", False, decided_at)
    assert effects == ["strip: 查出舞弊"]
    assert queries.results(case.id)["stripped"] is True
    kept = queries.corrections(case.id)[0]
    assert (kept.outcome_before, kept.outcome, kept.decided_before_at) == ("won", "void", decided_at)
    events = {event.kind: event for event in queries.history(case.id)}
    assert events["corrected"].sentence == "取消成绩：原结果“夺冠”"
    kinds = list(Leaf.objects.filter(kind__startswith="cases.").order_by("id").values_list("kind", flat=True))
    assert kinds == ["cases.case.decided", "cases.case.corrected"]
    # What it has come to already it is not made once more.
    assert [way.code for way in queries.correction_ways(case.id)] == ["rejudge"]
    with pytest.raises(CannotCorrect):
        correct(club, case, "strip")


def test_a_decision_is_taken_anew(club: Club, effects: list[str]) -> None:
    case = correct(club, won(club), "rejudge")
    assert (case.decided_at, case.outcome, steps(case)) == (None, "", {"judge"})
    case = club.take(case, "judge.lose", "cat", grounds="犯规")
    assert (case.outcome, case.is_open) == ("refused", False)
    assert len(queries.corrections(case.id)) == 1
    assert effects == ["rejudge: 查出舞弊"]


def test_an_open_case_ends_with_the_decision_that_is_replaced(club: Club) -> None:
    case = club.take(club.take(club.open("test.cup"), "entry.in", "ann"), "warm.note", "ann")
    case = club.take(case, "judge.win", "cat")
    case = correct(club, case, "strip")
    assert (case.outcome, case.is_open) == ("void", False)


def test_who_may_correct_what(club: Club) -> None:
    case = won(club)
    with pytest.raises(NotYourCase):
        correct(club, case, "strip", "cat")
    with pytest.raises(CannotCorrect):
        correct(club, case, "nothing")
    with pytest.raises(GroundsMissing):
        correct(club, case, "strip", reason="")
    with pytest.raises(CannotCorrect):
        correct(club, refused(club), "strip")
