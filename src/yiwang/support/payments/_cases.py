"""A step that waits for money: `type: outside, system: payments`. What is due is opened, and paid is told to the case."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone

from yiwang.kernel.base import rows
from yiwang.kernel.base.contracts import SYSTEM, YiwangError
from yiwang.kernel.base.events import Event
from yiwang.kernel.cases import actions as cases
from yiwang.kernel.cases import queries as cases_queries
from yiwang.kernel.cases.contracts import OutsideKind, OutsideRequest, Receipt
from yiwang.support.notify import actions as notify
from yiwang.support.payments import _orders, queries
from yiwang.support.payments.contracts import SYSTEM_NAME, FactsMissing, NoSuchFeeItem, charges_of, yuan
from yiwang.support.payments.models import Order

PAID = "paid"
# Asked whenever cases end, and hardly any has orders.
_OPEN = "SELECT number, case_number FROM payments_order WHERE case_number = ANY(%s) AND state = 'open'"


class CaseAdapter:
    """Serves the step. It stands at the edge: it reads the clock itself."""

    def push(self, request: OutsideRequest) -> Receipt:
        """Open an order for each charge; pushed again, the same ones. A case without charges, or with all paid, goes on."""
        at, case = timezone.now(), request.case
        try:
            orders = [
                _orders.open_order(
                    fee_item_id=charge.fee_item_id,
                    payer_id=case.applicant_id or 0,
                    case_number=case.number,
                    facts=charge.facts,
                    key=f"{request.message_id}:{charge.fee_item_id}",
                    reference=request.reference,
                    by=SYSTEM,
                    at=at,
                )
                for charge in charges_of(case)
            ]
        except (FactsMissing, NoSuchFeeItem) as error:
            _report(request.reference, OutsideKind.FAILED, "failed", {"words": error.message}, at)
            return Receipt()
        if all(order.state.is_settled for order in orders):
            tell_paid(request.reference, at=at)
        return Receipt(orders[0].number if orders else "")


def tell_paid(reference: str, *, at: datetime) -> None:
    """The result of the step, once all its orders are settled; told twice it counts once."""
    orders = list(Order.objects.filter(reference=reference).order_by("id"))
    paid = sum(order.amount_fen for order in orders if order.state == PAID)
    numbers = [order.number for order in orders]
    words = f"已缴费{yuan(paid)}元。" if paid else "无需缴费。"
    payload: dict[str, Any] = {"choice": PAID, "words": words, "data": {"paid_fen": paid, "paid_orders": numbers}}
    _report(reference, OutsideKind.RESULT, PAID, payload, at)


def order_paid(*, payload: dict[str, Any], at: datetime) -> None:
    """An order is settled: when it was the last of its step, the case goes on."""
    order = Order.objects.filter(number=payload["number"]).first()
    if order is None or not order.reference:
        return
    together = [queries.get(row.number) for row in Order.objects.filter(reference=order.reference)]
    if all(each.state.is_settled for each in together) and cases_queries.is_asked(SYSTEM_NAME, order.reference):
        tell_paid(order.reference, at=at)


def order_opened(*, payload: dict[str, Any], at: datetime) -> None:
    """The payer hears what is due."""
    order = queries.get(payload["number"])
    case = cases_queries.by_number(order.case_number)
    facts = {"amount": yuan(order.amount_fen), "fee": order.title}
    notify.tell(occasion="fee-due", case_id=case.id, key=f"order:{order.number}", facts=facts, by=SYSTEM, at=at)


def case_closed(*, events: Sequence[Event]) -> None:
    """Whatever ended the cases, nobody owes their fees any more."""
    ended = {event.payload["number"]: event.at for event in events}
    for number, case_number in rows.fetch(_OPEN, [list(ended)]):
        _orders.close_order(number=number, reason="办件已结束", by=SYSTEM, at=ended[case_number])


def _report(reference: str, kind: OutsideKind, what: str, payload: dict[str, Any], at: datetime) -> None:
    try:
        cases.report_outside(
            system=SYSTEM_NAME,
            message_id=f"{reference}:{what}",
            reference=reference,
            kind=kind,
            payload=payload,
            by=SYSTEM,
            at=at,
        )
    except YiwangError:
        # The case has moved on meanwhile: money that is too much goes back by the rules of the order.
        if kind is not OutsideKind.RESULT:
            raise
