"""Objection and repair: cases of the authority, on the terms of the rule, with what they do to the record."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.world import AT, World
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.cases import actions as cases
from yiwang.kernel.cases import queries as case_queries
from yiwang.kernel.orgs.contracts import OrgView
from yiwang.support.credit import actions, queries
from yiwang.support.credit.contracts import (
    AlreadyAsked,
    CannotRepair,
    NoSuchRecord,
    NotAFirm,
    Severity,
    Standing,
)
from yiwang.support.credit.models import CreditRecord


def record() -> CreditRecord:
    return CreditRecord.objects.get()


def advance(world: World, case_id: int, step: str, choice: str, who: str, **more: Any) -> None:
    cases.advance(case_id=case_id, step=step, choice=choice, by=world.actor(who), at=AT, **more)


def test_an_objection_goes_to_the_authority_within_three_days(deliver: Any, agent: Actor, world: World) -> None:
    deliver()
    case = actions.object_to(record_id=record().pk, words="决定已被撤销", by=agent, at=AT)
    assert case.org_id == world.org("health").id
    [clock] = [each for each in case_queries.peek(case.id).clocks if each.name == "answer"]
    assert clock.due_at is not None
    assert clock.due_at.date() == date(2026, 11, 26)
    assert queries.own(agent, on=AT.date()).records[0].is_disputed
    with pytest.raises(AlreadyAsked):
        actions.object_to(record_id=record().pk, words="再说一次", by=agent, at=AT)
    advance(world, case.id, "check", "withdraw", "health.reviewer", grounds="原决定已撤销")
    assert queries.own(agent, on=AT.date()).records[0].standing is Standing.WITHDRAWN
    assert queries.public(world.firm.id_number, on=AT.date()).records == ()


def test_what_the_authority_keeps_stays_and_may_be_disputed_again(deliver: Any, agent: Actor, world: World) -> None:
    deliver()
    case = actions.object_to(record_id=record().pk, words="处罚过重", by=agent, at=AT)
    advance(world, case.id, "check", "keep", "health.reviewer", grounds="与原文书一致")
    assert record().case_id is None
    assert queries.own(agent, on=AT.date()).records[0].standing is Standing.PUBLIC


def test_what_no_unit_of_ours_made_goes_to_the_keeper_of_the_system(
    deliver: Any, agent: Actor, keeper: OrgView
) -> None:
    deliver({"authority": "外地市场监管局", "authority_uscc": ""})
    case = actions.object_to(record_id=record().pk, words="不是我们", by=agent, at=AT)
    assert case.org_id == keeper.id
    [clock] = [each for each in case_queries.peek(case.id).clocks if each.name == "answer"]
    assert clock.due_at is not None
    assert clock.due_at.date() == date(2026, 12, 2)


def test_a_repair_needs_its_day_and_a_promise(deliver: Any, agent: Actor) -> None:
    deliver()
    early = AT.replace(month=8, day=31)
    with pytest.raises(CannotRepair, match="2026-09-01"):
        actions.ask_repair(record_id=record().pk, words="罚款已缴", has_promised=True, by=agent, at=early)
    with pytest.raises(CannotRepair, match="承诺"):
        actions.ask_repair(record_id=record().pk, words="罚款已缴", has_promised=False, by=agent, at=AT)
    with pytest.raises(CannotRepair):
        actions.ask_repair(
            record_id=record().pk, words="罚款已缴", has_promised=True, by=agent, at=AT + timedelta(days=400)
        )


def test_a_repair_ends_publication_and_lifts_the_grade(deliver: Any, agent: Actor, world: World) -> None:
    deliver({"decided_on": date(2025, 11, 1), "severity": Severity.SERIOUS})
    case = actions.ask_repair(record_id=record().pk, words="已整改，罚款已缴", has_promised=True, by=agent, at=AT)
    advance(world, case.id, "check", "pass", "health.reviewer", grounds="符合修复条件")
    advance(world, case.id, "decide", "repair", "health.approver")
    own = queries.own(agent, on=AT.date())
    assert own.records[0].standing is Standing.REPAIRED
    assert own.grade is not None
    assert own.grade.grade == "A"
    assert deliver({"decided_on": date(2025, 11, 1), "severity": Severity.SERIOUS}).unchanged == 1
    assert record().repaired_on == AT.date(), "a delivery does not undo a repair"


def test_a_request_that_is_withdrawn_frees_the_record(deliver: Any, agent: Actor, run_jobs: Any) -> None:
    deliver()
    case = actions.object_to(record_id=record().pk, words="写错了", by=agent, at=AT)
    cases.withdraw(case_id=case.id, by=agent, at=AT)
    run_jobs()
    assert record().case_id is None


def test_only_the_firm_itself_asks(deliver: Any, agent: Actor, world: World) -> None:
    deliver()
    with pytest.raises(NotAFirm):
        actions.object_to(record_id=record().pk, words="x", by=world.actor("father"), at=AT)
    with pytest.raises(NoSuchRecord):
        actions.object_to(record_id=record().pk + 999, words="x", by=agent, at=AT)
