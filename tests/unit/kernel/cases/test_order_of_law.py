"""Limits and what is done to them, in the order of law whoever looks late; found by the slow model."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from tests import flows
from tests.unit.kernel.cases.conftest import Club
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.cases import actions, contracts, queries
from yiwang.kernel.cases.contracts import CannotPause, CaseView, OutsideKind, OutsideRequest, Receipt
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.workdays import queries as workdays
from yiwang.kernel.workdays.contracts import Limit

FLOW = """
id: test.order
start: open
pauses: {rain: {name: 下雨}}
clocks: {law: {name: 规定时限, limit: 9 workdays, until: end, pauses: [rain]}}
outcomes: {quiet: {name: 默许, good: true}}
steps:
  open: {name: 开, post: umpire, choices: {on: {name: 办, to: both, starts: [law]}}}
  both: {name: 两边, type: parallel, branches: [left, right, away], join: all, to: end}
  left: {name: 左, post: umpire, limit: 3 workdays, choices: {on: {name: 办, to: more}}}
  more: {name: 再, post: umpire, choices: {on: {name: 办, to: join, stops: [law]}}}
  right: {name: 右, type: applicant, limit: 2 workdays, silence: {to: late, outcome: quiet}, choices: {on: {name: 交, to: join}}}
  late: {name: 迟, post: umpire, choices: {on: {name: 办, to: join}}}
  away: {name: 客场, type: outside, system: rival, limit: 2 workdays, silence: {take: lost}, choices: {
      won: {name: 胜, to: join}, lost: {name: 负, to: join}}}
  end: {name: 完, type: end}
"""


class Rival:
    def push(self, request: OutsideRequest) -> Receipt:
        return Receipt("1")


@pytest.fixture
def case(club: Club) -> Iterator[CaseView]:
    contracts.register_outside("rival", Rival())
    with packs.using(flows.packs_of(flows.body(FLOW))):
        yield club.take(club.open("test.order"), "open.on", "ann")


def dues(case: CaseView, at: datetime) -> dict[str, datetime | None]:
    return {task.step: task.due_at for task in queries.peek(case.id, at=at).steps_open}


def test_a_limit_that_was_stopped_binds_nobody_any_more(club: Club, case: CaseView) -> None:
    club.take(case, "left.on", "ann")
    actions.sweep(by=SYSTEM, at=club.at + timedelta(days=5))
    assert dues(case, club.at)["late"] == workdays.due(club.at, Limit.parse("9 workdays")).at
    club.take(case, "more.on", "ann", at=club.at + timedelta(days=5))
    assert dues(case, club.at)["late"] is None


def test_a_step_that_is_taken_back_waits_with_the_others(club: Club, case: CaseView) -> None:
    minutes = [club.at + timedelta(minutes=n) for n in range(4)]
    ann = club.actor("ann")
    actions.pause(case_id=case.id, reason="rain", by=ann, at=minutes[0])
    club.take(case, "left.on", "ann", at=minutes[1])
    actions.recall(case_id=case.id, step="left", by=ann, at=minutes[2])
    assert dues(case, minutes[2])["left"] is None
    resumed = minutes[3] + timedelta(days=2)
    actions.resume(case_id=case.id, by=ann, at=resumed)
    assert dues(case, resumed)["left"] == workdays.due(club.at, Limit.parse("5 workdays")).at


def test_a_step_that_is_taken_back_has_waited_with_the_others(club: Club, case: CaseView) -> None:
    ann = club.actor("ann")
    club.take(case, "left.on", "ann")
    actions.pause(case_id=case.id, reason="rain", by=ann, at=club.at + timedelta(minutes=1))
    resumed = club.at + timedelta(days=2)
    actions.resume(case_id=case.id, by=ann, at=resumed)
    actions.recall(case_id=case.id, step="left", by=ann, at=resumed)
    assert dues(case, resumed)["left"] == workdays.due(club.at, Limit.parse("5 workdays")).at


def test_silence_that_is_due_comes_before_a_pause(club: Club, case: CaseView) -> None:
    later = club.at + timedelta(days=4)
    actions.pause(case_id=case.id, reason="rain", by=club.actor("ann"), at=later)
    assert "late" in dues(case, later)
    with pytest.raises(CannotPause):
        actions.pause(case_id=case.id, reason="rain", by=club.actor("ann"), at=later)


def test_silence_that_is_due_comes_before_a_report(club: Club, case: CaseView) -> None:
    task = next(task for task in queries.peek(case.id, at=club.at).steps_open if task.step == "away")
    report = {"system": "rival", "message_id": "m1", "reference": f"{case.number}:away:{task.id}"}
    said = {"kind": OutsideKind.RESULT, "payload": {"choice": "won"}}
    actions.report_outside(**report, **said, by=SYSTEM, at=club.at + timedelta(days=4))  # type: ignore[arg-type]
    told = [event for event in queries.history(case.id) if event.step == "away"]
    assert [(event.kind, event.choice) for event in told if event.choice] == [("lapsed", "lost")]
    assert "outside-late" in [event.kind for event in told]


def test_a_call_to_a_system_outside_that_was_ended_cannot_be_taken_back(club: Club) -> None:
    contracts.register_outside("rival", Rival())
    away = club.open("test.away")
    club.take(away, "away.home", "ann")
    assert queries.recallable(away.id, club.actor("ann")) == []
