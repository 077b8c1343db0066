"""Clocks of a case: started, paused, extended, stopped; and the sweep that lets them fall due, once."""

from datetime import datetime, timedelta

import pytest

from tests.unit.kernel.cases.conftest import Club
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.cases import actions, queries
from yiwang.kernel.cases.contracts import (
    CannotAdvance,
    CannotExtend,
    CannotPause,
    CannotResume,
    CaseView,
    ClockView,
    Lamp,
    NotYourCase,
    TextMissing,
)
from yiwang.kernel.cases.models import Case
from yiwang.kernel.workdays.contracts import LEGAL_TIME, Limit

LIMITS = {"law": Limit.parse("10 workdays"), "word": Limit.parse("4 workdays")}


@pytest.fixture
def case(club: Club) -> CaseView:
    """A match that was accepted on Monday the 23rd: 10 work days by rule, 4 by promise, 2 for the step."""
    return club.take(club.open("test.weather", limits=LIMITS), "ask.accept", "ann")


def later(club: Club, days: float) -> datetime:
    return club.at + timedelta(days=days)


def clock(case: CaseView, name: str, at: datetime) -> ClockView:
    return next(one for one in queries.peek(case.id, at=at).clocks if one.name == name)


def day(moment: datetime | None) -> str:
    return "" if moment is None else moment.astimezone(LEGAL_TIME).strftime("%m-%d")


def test_clocks_run_from_acceptance(club: Club, case: CaseView) -> None:
    dues = {one.name: day(one.due_at) for one in queries.peek(case.id, at=club.at).clocks}
    assert dues == {"step:ask": "11-30", "step:play": "11-25", "law": "12-07", "word": "11-27"}
    assert day(case.steps_open[0].due_at) == "11-25"
    assert case.accepted_at == club.at


def test_a_pause_takes_days_out_and_is_told(club: Club, case: CaseView) -> None:
    paused = actions.pause(case_id=case.id, reason="rain", words="大雨", by=club.actor("ann"), at=later(club, 1))
    lamps = {one.name: one.lamp for one in paused.clocks if one.stopped_at is None}
    assert lamps == dict.fromkeys(("law", "word", "step:play"), Lamp.PAUSED)
    assert paused.steps_open[0].due_at is None
    row = queries.work_list(club.actor("ann"), at=later(club, 1)).items[0]
    assert (row.lamp, row.due_at) == (Lamp.PAUSED, None)
    resumed = actions.resume(case_id=case.id, by=club.actor("ann"), at=later(club, 3))
    assert {one.name: day(one.due_at) for one in resumed.clocks if one.stopped_at is None} == {
        "step:play": "11-27",
        "law": "12-09",
        "word": "12-01",
    }
    shown = clock(case, "law", later(club, 4))
    assert (shown.used_days, shown.uncounted_days) == (2, 2)
    assert [(one.title, one.basis) for one in shown.pauses] == [("下雨", "《赛规》第七条")]
    sentences = [event.sentence for event in queries.history(case.id, visible_only=True)]
    assert sentences[-2:] == ["暂停计时：下雨", "恢复计时：下雨"]


def test_a_reason_pauses_only_the_clocks_that_know_it(club: Club, case: CaseView) -> None:
    paused = actions.pause(case_id=case.id, reason="snow", by=club.actor("ann"), at=club.at)
    assert {one.name for one in paused.clocks if one.is_paused} == {"word", "step:play"}
    assert day(paused.steps_open[0].due_at) == "12-07"


def test_what_cannot_be_paused(club: Club, case: CaseView) -> None:
    ann = club.actor("ann")
    with pytest.raises(NotYourCase):
        actions.pause(case_id=case.id, reason="rain", by=club.actor("far"), at=club.at)
    with pytest.raises(NotYourCase):
        actions.pause(case_id=case.id, reason="rain", by=club.player, at=club.at)
    for reason in ("hail", "moon"):
        with pytest.raises(CannotPause):
            actions.pause(case_id=case.id, reason=reason, by=ann, at=club.at)
    with pytest.raises(CannotPause):
        actions.pause(case_id=case.id, reason="rain", by=ann, at=later(club, 6))
    with pytest.raises(CannotResume):
        actions.resume(case_id=case.id, by=ann, at=club.at)
    actions.pause(case_id=case.id, reason="rain", by=ann, at=club.at)
    with pytest.raises(CannotPause):
        actions.pause(case_id=case.id, reason="rain", by=ann, at=club.at)


def test_nothing_is_decided_while_the_clock_stands(club: Club, case: CaseView) -> None:
    club.take(case, "play.over", "ann")
    actions.pause(case_id=case.id, reason="rain", by=club.actor("ann"), at=club.at)
    with pytest.raises(CannotAdvance):
        club.take(case, "prize.cup", "cat")
    actions.resume(case_id=case.id, by=club.actor("ann"), at=club.at)
    assert club.take(case, "prize.cup", "cat").outcome == "granted"


def test_an_extension_is_approved_once_with_a_reason(club: Club, case: CaseView) -> None:
    three = Limit.parse("3 workdays")
    extend = {"case_id": case.id, "clock": "law", "limit": three, "reason": "雨季", "at": club.at}
    with pytest.raises(NotYourCase):
        actions.extend(by=club.actor("ann"), **extend)
    for wrong in (
        {"reason": " "},
        {"clock": "word"},
        {"clock": "clean"},
        {"limit": Limit.parse("6 workdays")},
        {"limit": Limit.parse("3 days")},
    ):
        with pytest.raises((CannotExtend, TextMissing)):
            actions.extend(by=club.actor("cat"), **{**extend, **wrong})
    actions.extend(by=club.actor("cat"), **extend)
    shown = clock(case, "law", club.at)
    assert (day(shown.due_at), shown.limit.n, [one.reason for one in shown.extensions]) == ("12-10", 10, ["雨季"])
    assert queries.history(case.id, visible_only=True)[-1].sentence == "延长期限：规定时限延长3个工作日"
    with pytest.raises(CannotExtend):
        actions.extend(by=club.actor("cat"), **extend)


def test_the_decision_stops_the_law_and_the_word(club: Club, case: CaseView) -> None:
    club.take(case, "play.over", "ann", at=later(club, 1))
    decided = club.take(case, "prize.cup", "cat", at=later(club, 2))
    assert [one.name for one in decided.clocks if one.stopped_at is None] == ["clean"]
    law = clock(case, "law", later(club, 9))
    assert (law.used_days, law.lamp, law.stopped_at) == (2, Lamp.DONE, later(club, 2))
    done = club.take(case, "tidy.done", "ann", at=later(club, 10))
    assert clock(case, "clean", later(club, 20)).lamp is Lamp.RED
    assert done.closed_at == later(club, 10)


def test_the_sweep_warns_and_alarms_once(club: Club, case: CaseView) -> None:
    def told() -> list[str]:
        return [event.sentence for event in queries.history(case.id) if event.kind in ("due-soon", "overdue")]

    assert actions.sweep(by=SYSTEM, at=club.at) == 0
    assert actions.sweep(by=SYSTEM, at=later(club, 1.7)) == 1
    assert told() == ["比赛即将到期"]
    assert actions.sweep(by=SYSTEM, at=later(club, 1.7)) == 0
    assert actions.sweep(by=SYSTEM, at=later(club, 5)) == 2
    assert told() == ["比赛即将到期", "比赛已超期", "承诺时限已超期"]
    assert actions.sweep(by=SYSTEM, at=later(club, 5)) == 0
    assert queries.peek(case.id).is_open


def test_a_paused_clock_never_fires(club: Club, case: CaseView) -> None:
    actions.pause(case_id=case.id, reason="rain", by=club.actor("ann"), at=club.at)
    assert actions.sweep(by=SYSTEM, at=later(club, 100)) == 0


def test_silence_with_an_article_counts_from_the_first_day(club: Club) -> None:
    case = club.open("test.weather", limits=LIMITS)
    at = later(club, 9)
    # The step that opened by that is over its limit too, and the promise is nearly: all in the same sweep.
    assert actions.sweep(by=SYSTEM, at=at) == 3
    accepted = queries.peek(case.id, at=at)
    assert accepted.accepted_at == club.at
    assert [task.step for task in accepted.steps_open] == ["play"]
    assert day(clock(case, "law", at).due_at) == "12-07"
    lapsed = next(event for event in queries.history(case.id) if event.kind == "lapsed")
    assert (lapsed.effective_at, lapsed.recorded_at, lapsed.grounds) == (club.at, at, "《赛规》第三条")
    assert lapsed.actor_kind == "system"


def test_silence_of_the_applicant_closes(club: Club) -> None:
    case = club.take(club.open(), "request.ask", "ann", grounds="照片不清")
    assert actions.sweep(by=SYSTEM, at=later(club, 4.9)) == 1  # yellow
    assert actions.sweep(by=SYSTEM, at=later(club, 8)) == 1
    closed = queries.peek(case.id)
    assert (closed.outcome, day(closed.closed_at)) == ("lost", "11-30")


def test_what_was_done_in_time_does_not_fire(club: Club) -> None:
    case = club.open("test.weather", limits=LIMITS)
    club.take(case, "ask.accept", "ann", at=later(club, 6))
    actions.sweep(by=SYSTEM, at=later(club, 9))
    assert not [event for event in queries.history(case.id) if event.kind == "lapsed"]


def test_one_that_fails_does_not_keep_others(club: Club, caplog: pytest.LogCaptureFixture) -> None:
    broken, fine = club.open("test.weather", limits={"law": Limit.parse("3 workdays")}), club.open("test.weather")
    Case.objects.filter(pk=broken.id).update(limits={"law": "nonsense"})
    assert actions.sweep(by=SYSTEM, at=later(club, 9)) == 2
    assert [task.step for task in queries.peek(fine.id).steps_open] == ["play"]
    assert [task.step for task in queries.peek(broken.id).steps_open] == ["ask"]
    assert "could not fall due" in caplog.text
    Case.objects.filter(pk=broken.id).update(limits={})
    for at, step in ((later(club, 9), "ask"), (later(club, 9.1), "play")):
        actions.sweep(by=SYSTEM, at=at)
        assert [task.step for task in queries.peek(broken.id).steps_open] == [step]
