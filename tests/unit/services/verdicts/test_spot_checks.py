"""办后抽查: a draw anybody can repeat, a check by somebody else, and a wrong decision undone with what it issued."""

import hashlib
from collections.abc import Callable
from dataclasses import replace

import pytest
from django.test import Client

from tests.singles import Singles
from tests.unit.services.verdicts.test_instant import apply, decide
from yiwang.kernel.base.contracts import SYSTEM, Unavailable
from yiwang.kernel.cases import actions as engine
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import CaseView, NotYourStep, SameHolder
from yiwang.kernel.ledger import actions as ledger
from yiwang.kernel.ledger import queries as leaves
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.packs.contracts import PackSet
from yiwang.services.applications import queries as filed
from yiwang.services.verdicts import _lot, actions, jobs, queries
from yiwang.services.verdicts.contracts import MACHINE, DrawView
from yiwang.services.verdicts.kinds import INSTANT
from yiwang.support.licences import queries as licences
from yiwang.support.licences.contracts import Status

DECISION = "anlan.health.senior-card-instant"


def share(hundred: int) -> PackSet:
    """The packs in force, with so many of a hundred decisions checked."""
    current = packs.current()
    pack = current.get(INSTANT, DECISION)
    part = pack.body.spot_check.model_copy(update={"share": hundred})  # type: ignore[attr-defined]
    changed = replace(pack, body=pack.body.model_copy(update={"spot_check": part}))
    others = [each for each in current if (each.kind, each.id) != (INSTANT, DECISION)]
    return PackSet([*others, changed], place=current.place, chain=current.chain, below=current.below)


def drawn(singles: Singles, *, of_hundred: int = 100) -> tuple[CaseView, DrawView]:
    """A case that the system decided, and its draw."""
    with packs.using(share(of_hundred)):
        case = apply(singles)
        verdict = decide(case, singles.world.at)
        assert verdict is not None
        assert actions.draw(verdict_id=verdict.id, by=MACHINE, at=singles.world.at) is None, "no checkpoint covers it"
        assert queries.undrawn() == [verdict.id]
        ledger.sequence(by=SYSTEM, at=singles.world.at)
        draw = actions.draw(verdict_id=verdict.id, by=MACHINE, at=singles.world.at)
    assert draw is not None
    assert queries.undrawn() == []
    return case, draw


def take(singles: Singles, draw: DrawView, who: str, step: str, choice: str, words: str = "社区核实") -> CaseView:
    check = cases.by_number(draw.check_number)
    by = singles.world.actor(who)
    return engine.advance(case_id=check.id, step=step, choice=choice, grounds=words, by=by, at=singles.world.at)


def test_the_draw_follows_from_the_checkpoint_alone(singles: Singles) -> None:
    case, draw = drawn(singles)
    head = leaves.checkpoint(draw.tree_size)
    assert head is not None
    assert head.root == draw.root
    line = f"{head.root}\n{case.number}\n{draw.verdict_id}"
    first = int(hashlib.sha256(line.encode()).hexdigest()[:16], 16)
    assert draw.lot == first * 1_000_000 // 2**64
    assert draw.is_drawn
    again = actions.draw(verdict_id=draw.verdict_id, by=MACHINE, at=singles.world.at)
    assert again == draw


def test_none_of_a_hundred_is_drawn_where_the_pack_says_none(singles: Singles) -> None:
    _, draw = drawn(singles, of_hundred=0)
    assert (draw.is_drawn, draw.check_number) == (False, "")


def test_one_that_cannot_be_finished_holds_up_no_other(caplog: pytest.LogCaptureFixture) -> None:
    done: list[int] = []

    def finish(verdict_id: int) -> None:
        if verdict_id == 1:
            raise Unavailable("登记系统没有回应。")
        done.append(verdict_id)

    jobs._each([1, 2], finish)
    assert done == [2]
    assert "verdict 1 could not be finished" in caplog.text


def test_lots_are_spread_evenly() -> None:
    drawn = sum(_lot.is_drawn(_lot.lot("ab" * 32, f"99010220261123{n:06d}", n), 5) for n in range(20_000))
    assert 850 < drawn < 1150
    assert not _lot.is_drawn(0, 0)
    assert _lot.is_drawn(999_999, 100)


def test_a_right_decision_stays(singles: Singles) -> None:
    case, draw = drawn(singles)
    (row,) = cases.work_list(singles.world.actor("health.reviewer"), kind="spot-check", at=singles.world.at).items
    assert row.number == draw.check_number
    take(singles, draw, "health.reviewer", "verify", "right")
    assert cases.peek(case.id).outcome == "granted"
    found = queries.of_case(case.number)[0].draw
    assert found is not None
    assert (found.check_outcome, found.check_is_open) == ("right", False)
    assert any("系统自动审批无误" in each.grounds for each in cases.history(case.id))


def test_a_wrong_one_is_undone_with_its_card_after_the_applicant_was_heard(singles: Singles) -> None:
    world = singles.world
    case, draw = drawn(singles)
    with pytest.raises(NotYourStep):
        take(singles, draw, "health.clerk", "verify", "right")
    take(singles, draw, "health.reviewer", "verify", "doubted", "出生日期登记有误")
    check = cases.by_number(draw.check_number)
    engine.advance(
        case_id=check.id,
        step="heard",
        choice="explained",
        grounds="我说不清",
        by=world.actor("neighbour", singles.for_elder),
        at=world.at,
    )
    same = replace(world.actor("health.approver"), account_id=world.account("health.reviewer").id)
    with pytest.raises(SameHolder):
        engine.advance(case_id=check.id, step="decide", choice="wrong", grounds="x", by=same, at=world.at)
    take(singles, draw, "health.approver", "decide", "wrong", "实际未满六十周岁")
    assert (cases.peek(case.id).outcome, cases.by_number(draw.check_number).outcome) == ("revoked", "wrong")
    assert [card.status for card in licences.of_case(case.number)] == [Status.REVOKED]
    last = filed.documents(case.id)[-1]
    assert last.event == "reverse"
    assert f"办后抽查（{draw.check_number}）认定：实际未满六十周岁" in "".join(last.paragraphs)


def test_nobody_checks_what_they_handled(singles: Singles) -> None:
    """A clerk asked for a correction before the system decided: they are at the case."""
    world = singles.world
    with packs.using(share(100)):
        case = apply(singles)
        engine.advance(
            case_id=case.id,
            step="intake",
            choice="correct",
            grounds="请核对电话",
            by=world.actor("health.clerk"),
            at=world.at,
        )
        helper = world.actor("neighbour", singles.for_elder)
        engine.advance(case_id=case.id, step="correction", choice="submit", by=helper, at=world.at)
        verdict = decide(case, world.at)
        assert verdict is not None
        ledger.sequence(by=SYSTEM, at=world.at)
        draw = actions.draw(verdict_id=verdict.id, by=MACHINE, at=world.at)
    assert draw is not None
    both = replace(world.actor("health.reviewer"), account_id=world.account("health.clerk").id)
    check = cases.by_number(draw.check_number)
    with pytest.raises(SameHolder):
        engine.advance(case_id=check.id, step="verify", choice="right", grounds="x", by=both, at=world.at)


def test_pages_say_who_decided_and_why(singles: Singles, client_as: Callable[[str], Client]) -> None:
    case, draw = drawn(singles)
    page = client_as("health.reviewer").get(f"/desk/cases/{draw.check_number}").content.decode()
    assert "系统审核结论" in page
    assert draw.root in page
    assert f"/desk/cases/{case.number}" in page
    page = client_as("health.reviewer").get(f"/desk/cases/{case.number}").content.decode()
    assert "年满六十周岁" in page
    assert "已抽中办后抽查" in page
    left = apply(singles, by=singles.world.actor("mother"), once="mother-0001")
    decide(left, singles.world.at)
    page = client_as("health.clerk").get(f"/desk/cases/{left.number}").content.decode()
    assert "有条件不符合，请人工办理" in page
    mine = client_as("mother").get(f"/my/cases/{left.number}").content.decode()
    assert "系统自动审批" not in mine
    assert "不符合" not in mine
