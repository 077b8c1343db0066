"""Fees come to what their tariff says, a case waits for its money, both sides' books are compared."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client

from tests.jobs import run_waiting
from tests.unit.support.payments.conftest import FEE, OTHER_FEE
from tests.unit.support.payments.till import Till
from tests.world import World
from yiwang.kernel.base.contracts import SYSTEM, Actor, Denied
from yiwang.kernel.cases import actions as cases
from yiwang.kernel.cases import queries as cases_queries
from yiwang.kernel.cases.contracts import CaseView
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.packs.contracts import Pack
from yiwang.support.payments import actions, queries
from yiwang.support.payments._tariff import due
from yiwang.support.payments.contracts import (
    CannotPay,
    Charge,
    DifferenceKind,
    FactsMissing,
    NoSuchReceipt,
    NotYourOrder,
    OrderState,
    OrderView,
    StatementLine,
)
from yiwang.support.payments.kinds import check_item, fee_item

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 23)


def pay(order: OrderView, till: Till, world: World) -> OrderView:
    actions.start_payment(number=order.number, channel=till.name, by=world.actor("mother"), at=world.at)
    (number,) = [each for each in till.wanted if each.startswith(order.number)]
    till.pay(number)
    return actions.receive(channel=till.name, notice=till.notices[-1], by=SYSTEM, at=world.at)


def test_a_tariff_is_price_times_quantity_less_the_best_reduction(tills: dict[str, Till]) -> None:
    item = fee_item(FEE)
    assert due(item, {"hours": 3, "is_junior": False}, on=DAY).amount_fen == 3003
    halved = due(item, {"hours": 1, "is_junior": True}, on=DAY)
    assert (halved.amount_fen, halved.reductions[0].sentence) == (500, "少年半价")  # the odd fen is the payer's
    assert due(item, {"hours": 1}, on=DAY).unknown == {"junior": ("is_junior",)}
    with pytest.raises(FactsMissing):
        due(item, {}, on=DAY)
    with pytest.raises(FactsMissing):
        due(item, {"hours": 1}, on=date(2019, 1, 1))


def test_one_debt_has_one_order_and_only_its_payer_pays(
    order: Callable[..., OrderView], tills: dict[str, Till], world: World
) -> None:
    first = order()
    with pytest.raises(NotYourOrder):
        actions.start_payment(number=first.number, channel="east", by=world.actor("father"), at=world.at)
    page = actions.start_payment(number=first.number, channel="east", by=world.actor("mother"), at=world.at)
    assert page == actions.start_payment(number=first.number, channel="east", by=world.actor("mother"), at=world.at)
    paid = pay(first, tills["east"], world)
    assert paid.state is OrderState.PAID
    with pytest.raises(CannotPay):
        actions.start_payment(number=first.number, channel="west", by=world.actor("mother"), at=world.at)


def test_a_receipt_is_known_by_all_three_numbers_and_reversed_by_a_refund(
    order: Callable[..., OrderView], tills: dict[str, Till], world: World, officer: Actor
) -> None:
    paid = pay(order(), tills["east"], world)
    (receipt,) = queries.receipts_of(paid.number)
    known = {"code": receipt.code, "number": receipt.number, "check_code": receipt.check_code}
    assert queries.verify_receipt(**known).payer == "陈**"
    assert (len(receipt.code), len(receipt.number), receipt.amount_fen) == (8, 10, 2002)
    wrong = f"{(int(receipt.check_code) + 1) % 10**6:06d}"
    with pytest.raises(NoSuchReceipt):
        queries.verify_receipt(**known | {"check_code": wrong})
    with pytest.raises(Denied):
        actions.refund(
            number=paid.number, amount_fen=1, reason="不想打了", key="a", by=world.actor("health.clerk"), at=world.at
        )
    for _ in range(2):  # pressed twice
        actions.refund(number=paid.number, amount_fen=1002, reason="场地漏雨", key="a", by=officer, at=world.at)
    run_waiting()
    assert queries.get(paid.number).refunded_fen == 1002
    assert [each.amount_fen for each in queries.receipts_of(paid.number)] == [2002, -2002, 1000]
    assert queries.verify_receipt(**known).is_reversed
    actions.refund(number=paid.number, amount_fen=1000, reason="场地漏雨", key="b", by=officer, at=world.at)
    run_waiting()
    assert queries.get(paid.number).state is OrderState.REFUNDED
    assert tills["east"].net_fen == 0


def test_a_case_waits_for_all_its_money_and_asks_once(
    case: Callable[[], CaseView], charged: list[Charge], tills: dict[str, Till], world: World
) -> None:
    charged += [Charge(FEE, {"hours": 1}), Charge(OTHER_FEE, {"hours": 1})]
    opened = _accepted(case(), world)
    first, second = queries.of_case(opened.number)
    pay(first, tills["east"], world)
    run_waiting()
    assert _steps(opened) == ["fee"]
    pay(second, tills["west"], world)
    run_waiting()
    assert _steps(opened) == ["play"]
    assert cases_queries.results(opened.id)["paid_fen"] == 1301
    cases.advance(case_id=opened.id, step="play", choice="again", by=world.actor("health.clerk"), at=world.at)
    run_waiting()  # back at the fee: what is paid is paid
    assert _steps(opened) == ["play"]
    assert [each.state for each in queries.of_case(opened.number)] == [OrderState.PAID, OrderState.PAID]


def test_nothing_due_goes_on_and_an_ended_case_owes_nothing(
    case: Callable[[], CaseView], charged: list[Charge], tills: dict[str, Till], world: World
) -> None:
    assert _steps(_accepted(case(), world)) == ["play"]
    charged.append(Charge(FEE, {"hours": 1}))
    opened = _accepted(case(), world)
    (order,) = queries.of_case(opened.number)
    actions.start_payment(number=order.number, channel="east", by=world.actor("mother"), at=world.at)
    till = tills["east"]
    till.pay(next(iter(till.wanted)))  # at the page, while the notice is still on its way
    cases.advance(case_id=opened.id, step="fee", choice="unpaid", by=world.actor("health.clerk"), at=world.at)
    run_waiting()
    assert queries.get(order.number).state is OrderState.CLOSED
    assert till.net_fen == 0


def test_a_fee_that_cannot_be_worked_out_goes_back_to_the_clerk(
    case: Callable[[], CaseView], charged: list[Charge], world: World
) -> None:
    charged.append(Charge(FEE, {}))
    assert _steps(_accepted(case(), world)) == ["intake"]


def test_the_daily_comparison_repairs_what_was_missed_and_opens_cases_for_the_rest(
    order: Callable[..., OrderView],
    tills: dict[str, Till],
    world: World,
    officer: Actor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    till, missed = tills["east"], order()
    actions.start_payment(number=missed.number, channel="east", by=world.actor("mother"), at=world.at)
    till.pay(next(iter(till.wanted)))  # and its notice is lost
    dropped = pay(order(), till, world)
    lines = [line for line in till.statement(DAY) if not line.number.startswith(dropped.number)]
    monkeypatch.setattr(till, "statement", lambda day: [*lines, StatementLine(False, "ZZ1", "C-1", 5)])
    found = actions.reconcile(channel="east", day=DAY, by=officer, at=world.at + timedelta(days=1))
    assert (found.repaired, found.differences) == (1, 2)
    assert queries.get(missed.number).state is OrderState.PAID
    again = actions.reconcile(channel="east", day=DAY, by=officer, at=world.at + timedelta(days=1))
    assert (again.repaired, again.differences) == (0, 2)
    open_ones = queries.differences(officer).items
    assert {each.kind for each in open_ones} == {DifferenceKind.UNKNOWN_HERE, DifferenceKind.MISSING_THERE}
    first = open_ones[0]
    assert first.case_id is not None
    cases.advance(
        case_id=first.case_id, step="find-out", choice="explained", grounds="次日账单已列", by=officer, at=world.at
    )
    assert len(queries.differences(officer).items) == 1
    with pytest.raises(Denied):
        actions.reconcile(channel="east", day=DAY, by=world.actor("health.clerk"), at=world.at)


def test_unsigned_and_malformed_notices_are_refused(world: World, client: Client) -> None:
    for body in (b"{}", b"[", b"{" * 2000, b'{"message_id": "a", "number": "b", "status": "paid", "amount_fen": 1}'):
        answer = client.post("/api/payments/sandbox/notices", body, content_type="application/json")
        assert answer.status_code in (401, 503)
    assert client.post("/api/payments/nobody/notices", b"{}", content_type="application/json").status_code == 404


def test_a_fee_without_basis_is_refused(tills: dict[str, Till]) -> None:
    pack = packs.get("FeeItem", FEE)
    bare = pack.body.model_copy(update={"legal_basis": ()})
    without = Pack(pack.kind, pack.id, 1, pack.title, "x", "club", "club.yaml", bare, pack.raw)
    assert "没有依据不得收费" in str([each.remedy for each in check_item(without, packs.current())])


def _accepted(opened: CaseView, world: World) -> CaseView:
    cases.advance(case_id=opened.id, step="intake", choice="accept", by=world.actor("health.clerk"), at=world.at)
    run_waiting()
    return opened


def _steps(opened: CaseView) -> list[str]:
    return [task.step for task in cases_queries.peek(opened.id).steps_open]
