"""The household adapter's whole life against the played system: push, answers, refusals, an hour's silence, forgery, comparison."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.outside.played import Played
from tests.outside.steps import hand_in, moment, pump, push
from yiwang.kernel.audit.models import AuditRecord, Disclosure
from yiwang.kernel.base.codes import is_id_number
from yiwang.kernel.ledger.models import Leaf
from yiwang.support.connectors import queries
from yiwang.support.connectors.contracts import (
    CannotMap,
    OutsideReport,
    PushState,
    ReportKind,
    ReportState,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("outside_packs")]


def test_a_birth_is_registered_and_the_number_comes_back(
    play: Callable[..., Played], data: dict[str, Any], heard: list[OutsideReport]
) -> None:
    household = play("household")
    push(data)
    assert pump() == 1

    assert set(hand_in(household.finish())) == {200}

    assert [report.kind for report in heard] == [ReportKind.ACCEPTED, ReportKind.PROGRESS, ReportKind.RESULT]
    result = heard[-1]
    assert result.choice == "granted"
    number = result.facts["child.id_number"]
    assert is_id_number(number)
    assert number.startswith("99010220261120")
    assert int(number[16]) % 2 == 0
    assert result.facts["child.household_book_no"].startswith("990102")
    assert queries.find_push("household", "990102202611230000011-01").state is PushState.ANSWERED


def test_what_was_told_about_whom_is_written_down(play: Callable[..., Played], data: dict[str, Any]) -> None:
    household = play("household")
    push(data)
    pump()
    hand_in(household.work(minutes=2))

    events = set(AuditRecord.objects.values_list("event", flat=True))
    assert {"connectors.message.pushed", "connectors.message.heard"} <= events
    assert Leaf.objects.filter(kind__startswith="connectors.message.").count() == 2
    disclosure = Disclosure.objects.get()
    assert disclosure.elements == ["household.mother_id_number", "household.mother_name"]
    assert disclosure.purpose == "办理出生登记"


def test_no_data_that_their_system_needs_may_be_missing(data: dict[str, Any]) -> None:
    del data["certificate_no"]
    with pytest.raises(CannotMap) as caught:
        push(data)
    assert [place.where for place in caught.value.places] == ["certificate_no"]


def test_the_same_push_twice_is_one_message(play: Callable[..., Played], data: dict[str, Any]) -> None:
    play("household")
    first = push(data, message_id="task-7")
    assert push(data, message_id="task-7") == first
    assert pump() == 1


def test_down_for_an_hour(
    play: Callable[..., Played], data: dict[str, Any], heard: list[OutsideReport], run_jobs: Callable[[], int]
) -> None:
    household = play("household")
    household.control(down_minutes=60)
    push(data)
    for seconds in (0, 10, 30):
        assert pump(moment() + timedelta(seconds=seconds)) == 0

    waiting = queries.find_push("household", "990102202611230000011-01")
    assert waiting.unavailable_since == moment()
    assert waiting.sentence.startswith("对方系统（公安户籍管理系统）暂不可用，自")
    (line,) = [line for line in queries.lines() if line.system == "household"]
    assert (line.is_up, line.waiting, line.oldest_waiting_at) == (False, 1, moment())

    other = {**data, "certificate_no": "Z990000002"}
    push(other, reference="990102202611230000028-01", at=moment() + timedelta(minutes=5))
    tries = 0
    for minute in range(6, 61, 1):
        tries += pump(moment() + timedelta(minutes=minute))
    assert tries == 0
    assert queries.find_push("household", "990102202611230000011-01").attempts < 25

    household.control(advance_minutes=61)
    assert pump(moment() + timedelta(minutes=66)) == 2
    (line,) = [line for line in queries.lines() if line.system == "household"]
    assert (line.is_up, line.waiting) == (True, 0)
    hand_in(household.finish())
    assert sorted(report.reference for report in heard if report.choice == "granted") == [
        "990102202611230000011-01",
        "990102202611230000028-01",
    ]


def test_nothing_listens_at_all(home: Any, data: dict[str, Any]) -> None:
    (home / "outside").mkdir()
    (home / "outside" / "household.key").write_text("0" * 64)
    push(data)
    assert pump() == 0
    assert queries.find_push("household", "990102202611230000011-01").trouble == "no-address"


def test_patience_ends_after_three_days(
    play: Callable[..., Played], data: dict[str, Any], heard: list[OutsideReport]
) -> None:
    household = play("household")
    household.control(down_minutes=100_000)
    push(data)
    pump(moment() + timedelta(days=3, minutes=1))

    assert queries.find_push("household", "990102202611230000011-01").state is PushState.GIVEN_UP
    assert [(report.kind, report.outcome) for report in heard] == [(ReportKind.FAILED, "unreachable")]


def test_duplicate_answers_count_once(
    play: Callable[..., Played], data: dict[str, Any], heard: list[OutsideReport]
) -> None:
    household = play("household", duplicate=1000)
    push(data)
    pump()
    letters = household.finish()
    assert len(letters) == 6
    assert set(hand_in(letters)) == {200}
    assert len(heard) == 3


def test_answers_out_of_order(play: Callable[..., Played], data: dict[str, Any], heard: list[OutsideReport]) -> None:
    household = play("household")
    push(data)
    pump()
    letters = household.finish()
    assert set(hand_in(letters[::-1])) == {200}

    assert [(report.kind, report.is_late) for report in heard] == [
        (ReportKind.RESULT, False),
        (ReportKind.PROGRESS, True),
        (ReportKind.ACCEPTED, True),
    ]
    assert queries.find_push("household", "990102202611230000011-01").state is PushState.ANSWERED


def test_an_answer_that_overtakes_our_own_bookkeeping(
    play: Callable[..., Played], data: dict[str, Any], heard: list[OutsideReport]
) -> None:
    from yiwang.support.connectors import _wire
    from yiwang.support.connectors._sending import body_of
    from yiwang.support.connectors.models import Push

    household = play("household")
    push(data)
    # The server was killed after sending and before writing down that it had sent.
    _wire.post(queries.system("household"), body_of(Push.objects.get()))
    hand_in(household.finish())

    assert heard[-1].choice == "granted"
    assert pump() == 0
    assert queries.find_push("household", "990102202611230000011-01").state is PushState.ANSWERED


def test_a_name_their_system_cannot_write_is_confirmed_and_sent_again(
    play: Callable[..., Played], data: dict[str, Any], heard: list[OutsideReport]
) -> None:
    household = play("household")
    data["child"]["name"] = "林䶮𠅤"
    push(data)
    pump()
    late, *rest = household.finish()
    hand_in(rest)
    assert (heard[-1].choice, heard[-1].sentence[:4]) == ("confirm", "姓名用字")

    push(data | {"name_is_confirmed": True})
    pump()
    hand_in([*household.finish(), late])
    assert heard[-1].choice == "granted"
    stale = [
        r.state for r in queries.reports_about("990102202611230000011-01") if r.message_id == late.content["message_id"]
    ]
    assert stale == [ReportState.STALE]


@pytest.mark.parametrize(
    ("change", "choice", "code"),
    [
        ({"mother": {"id_number": "990102199303156242"}}, "correct", "household.parent-unknown"),
        ({"follows": "father"}, "correct", "household.follows-nobody"),
    ],
)
def test_refusals_say_why(
    play: Callable[..., Played],
    data: dict[str, Any],
    heard: list[OutsideReport],
    change: dict[str, Any],
    choice: str,
    code: str,
) -> None:
    household = play("household")
    push(data | change)
    pump()
    hand_in(household.finish())
    assert (heard[-1].choice, heard[-1].payload["code"]) == (choice, code)


def test_a_child_is_registered_once_whatever_the_case(
    play: Callable[..., Played], data: dict[str, Any], heard: list[OutsideReport]
) -> None:
    household = play("household")
    for reference in ("990102202611230000011-01", "990102202611230000028-01"):
        push(data, reference=reference)
        pump()
        hand_in(household.finish())
    assert (heard[-1].choice, heard[-1].payload["code"]) == ("refused", "household.already-registered")


def test_what_their_counter_turns_away_is_reported_at_once(
    play: Callable[..., Played], data: dict[str, Any], heard: list[OutsideReport]
) -> None:
    play("household")
    data["child"]["born_at"] = "2099-01-01T00:00:00+08:00"
    push(data)
    assert pump() == 0
    assert [(report.kind, report.outcome, report.payload["code"]) for report in heard] == [
        (ReportKind.FAILED, "rejected", "household.born-at")
    ]
    assert queries.find_push("household", "990102202611230000011-01").state is PushState.REFUSED
