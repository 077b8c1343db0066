"""Steps in systems that are not ours: pushed until they arrive, each report counted once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.unit.kernel.cases.conftest import Club
from yiwang.kernel.base.contracts import SYSTEM, Unavailable
from yiwang.kernel.cases import actions, contracts, queries
from yiwang.kernel.cases.contracts import (
    CaseView,
    NoSuchMessage,
    NotYourCase,
    NotYourStep,
    OutsideKind,
    OutsideRequest,
    Receipt,
    TextMissing,
)
from yiwang.kernel.cases.models import OutsideCall


class Rival:
    """The other club's system, which can be down."""

    def __init__(self) -> None:
        self.is_down = False
        self.asked: list[OutsideRequest] = []

    def push(self, request: OutsideRequest) -> Receipt:
        self.asked.append(request)
        if self.is_down:
            raise Unavailable("没有人接电话。")
        return Receipt("R-1")


@pytest.fixture
def rival() -> Rival:
    made = Rival()
    contracts.register_outside("rival", made)
    return made


def call_of(case: CaseView) -> OutsideCall:
    return OutsideCall.objects.filter(task__case=case.id).latest("id")


def report(club: Club, case: CaseView, kind: str, message_id: str = "m1", **payload: Any) -> bool:
    return actions.report_outside(
        system="rival",
        message_id=message_id,
        reference=call_of(case).reference,
        kind=OutsideKind(kind),
        payload=payload,
        by=club.world.actor("machine"),
        at=club.at,
    )


def kinds(case: CaseView) -> list[str]:
    return [event.kind for event in queries.history(case.id)]


def test_a_step_is_pushed_after_commit(club: Club, rival: Rival, run_jobs: Callable[[], int]) -> None:
    case = club.open("test.away")
    assert rival.asked == []
    run_jobs()
    (request,) = rival.asked
    assert (request.system, request.step, request.data, request.case.number) == (
        "rival",
        "away",
        {"racket": "木拍"},
        case.number,
    )
    assert (call_of(case).their_number, call_of(case).next_try_at) == ("R-1", None)
    assert kinds(case) == ["opened", "outside-sent"]
    run_jobs()
    assert len(rival.asked) == 1


def test_a_result_takes_the_choice_and_hands_on_data(club: Club, rival: Rival) -> None:
    case = club.open("test.away")
    assert report(club, case, "accepted")
    assert report(club, case, "progress", "m2", words="第一盘结束")
    assert report(club, case, "result", "m3", choice="granted", data={"score": "6:4"})
    closed = queries.peek(case.id)
    assert (closed.outcome, queries.results(case.id)) == ("granted", {"score": "6:4"})
    assert kinds(case) == ["opened", "outside-accepted", "outside-progress", "outside-result", "advanced", "closed"]


def test_a_message_counts_once(club: Club, rival: Rival) -> None:
    case = club.open("test.away")
    assert report(club, case, "result", "m1", choice="refused", grounds="下雨")
    assert not report(club, case, "result", "m1", choice="granted")
    assert report(club, case, "result", "m2", choice="granted")
    assert queries.peek(case.id).outcome == "refused"
    assert kinds(case)[-1] == "outside-late"


def test_reports_that_make_no_sense(club: Club, rival: Rival) -> None:
    case = club.open("test.away")
    for choice in ("home", "splendid"):
        with pytest.raises(TextMissing):
            report(club, case, "result", choice=choice)
    with pytest.raises(NoSuchMessage):
        actions.report_outside(
            system="other", message_id="m", reference=call_of(case).reference, kind=OutsideKind.ACCEPTED, payload={},
            by=SYSTEM, at=club.at,
        )  # fmt: skip
    with pytest.raises(NotYourCase):
        actions.report_outside(
            system="rival", message_id="m", reference=call_of(case).reference, kind=OutsideKind.ACCEPTED, payload={},
            by=club.actor("ann"), at=club.at,
        )  # fmt: skip
    with pytest.raises(NotYourStep):
        club.take(case, "away.granted", "ann")


def test_a_system_that_is_down_is_asked_again(club: Club, rival: Rival, run_jobs: Callable[[], int]) -> None:
    rival.is_down = True
    case = club.open("test.away")
    run_jobs()
    assert len(rival.asked) == 1
    at = call_of(case).next_try_at
    assert at is not None
    assert actions.sweep(by=SYSTEM, at=at - timedelta(seconds=1)) == 0
    assert actions.sweep(by=SYSTEM, at=at) == 0
    assert len(rival.asked) == 2
    rival.is_down = False
    at = call_of(case).next_try_at
    assert at is not None
    assert actions.sweep(by=SYSTEM, at=at) == 1
    assert {request.message_id for request in rival.asked} == {call_of(case).message_id}
    assert call_of(case).next_try_at is None


def test_a_report_proves_that_the_push_arrived(club: Club, rival: Rival, run_jobs: Callable[[], int]) -> None:
    rival.is_down = True
    case = club.open("test.away")
    run_jobs()
    report(club, case, "accepted")
    assert call_of(case).next_try_at is None


def test_a_post_may_take_it_back_in_hand(club: Club, rival: Rival, run_jobs: Callable[[], int]) -> None:
    case = club.open("test.away")
    club.take(case, "away.home", "ann")
    run_jobs()
    assert rival.asked == []
    club.take(case, "home.away", "ann")
    run_jobs()
    assert len(rival.asked) == 1
    report(club, case, "failed", words="场地被占")
    assert [task.step for task in queries.peek(case.id).steps_open] == ["home"]


def test_what_a_system_owes_is_listed(club: Club, rival: Rival, run_jobs: Callable[[], int]) -> None:
    case = club.open("test.away")
    run_jobs()
    assert list(queries.calls_waiting("rival")) == [call_of(case).reference]
    report(club, case, "result", choice="granted")
    assert queries.calls_waiting("rival") == {}
