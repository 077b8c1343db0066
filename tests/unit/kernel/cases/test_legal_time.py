"""What the law says happens when it says so, however late the sweep comes and whoever comes before it."""

from datetime import timedelta

import pytest

from tests import flows
from tests.unit.kernel.cases.conftest import Club
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.cases import actions, queries
from yiwang.kernel.cases.contracts import CannotAdvance, CaseView
from yiwang.kernel.packs import queries as packs

CHAIN = """
start: first
outcomes: {gone: {name: 视为放弃}}
clocks: {law: {name: 规定时限, limit: 6 workdays, until: end, silence: {step: third, take: done, basis: {title: 赛规}}}}
steps:
  first: {name: 一, type: applicant, limit: 1 workday, silence: {to: second}, choices: {go: {name: 去, to: second, starts: [law]}}}
  second: {name: 二, type: applicant, limit: 2 workdays, silence: {to: third}, choices: {go: {name: 去, to: third}}}
  third: {name: 三, post: umpire, limit: 1 workday, silence: {to: end, outcome: gone, basis: {title: 赛规}}, choices: {done: {name: 完, to: end}}}
  end: {name: 完, type: end}
"""


def told(case: CaseView) -> list[tuple[str, str, str]]:
    return [(event.kind, event.step, event.effective_at.isoformat()) for event in queries.history(case.id)]


def chain(club: Club) -> CaseView:
    return club.open("test.flow")


def test_a_sweep_that_comes_once_does_what_one_every_few_hours_does(club: Club) -> None:
    with packs.using(flows.packs_of(flows.body(CHAIN))):
        late = chain(club)
        actions.sweep(by=SYSTEM, at=club.at + timedelta(days=30))
        assert queries.peek(late.id).outcome == "gone"
        punctual = chain(club)
        for hour in range(0, 12 * 24, 3):
            actions.sweep(by=SYSTEM, at=club.at + timedelta(hours=hour))
        assert told(punctual) == told(late)
        assert queries.peek(punctual.id).closed_at == queries.peek(late.id).closed_at


def test_what_comes_first_in_law_comes_first(club: Club) -> None:
    with packs.using(flows.packs_of(flows.body(CHAIN))):
        case = club.take(chain(club), "first.go", club.player)
        # second: two days, then third: one day, both before the six days after which the law has it done.
        actions.sweep(by=SYSTEM, at=club.at + timedelta(days=30))
        assert queries.peek(case.id).outcome == "gone"


def test_who_comes_too_late_finds_what_the_law_did(club: Club) -> None:
    with packs.using(flows.packs_of(flows.body(CHAIN))):
        case = chain(club)
        late = club.at + timedelta(days=3)
        # The first step is over by law, though nobody has swept; the second is open and may be taken at once.
        with pytest.raises(CannotAdvance):
            club.take(case, "first.go", club.player, at=late)
        case = club.take(case, "second.go", club.player, at=late)
        assert [task.step for task in case.steps_open] == ["third"]
        kinds = [event.kind for event in queries.history(case.id)]
        assert kinds == ["opened", "overdue", "lapsed", "advanced"]
        lapsed, advanced = queries.history(case.id)[2:]
        assert lapsed.effective_at < lapsed.recorded_at == advanced.effective_at
