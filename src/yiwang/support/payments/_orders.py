"""Opening and closing orders: one live order for each debt, whoever asks and however often."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.events import publish
from yiwang.kernel.base.numbering import next_number
from yiwang.kernel.cases import queries as cases
from yiwang.support.payments import _rows, kinds
from yiwang.support.payments._tariff import due
from yiwang.support.payments.contracts import KeyReused, OrderState, OrderView, PaymentState
from yiwang.support.payments.models import Order, Payment

LIVE = (OrderState.OPEN, OrderState.PAID, OrderState.WAIVED)


@transaction.atomic
def open_order(
    *,
    fee_item_id: str,
    payer_id: int,
    case_number: str,
    facts: Mapping[str, Any],
    key: str,
    by: Actor,
    at: datetime,
    reference: str = "",
) -> OrderView:
    """The order for a debt: this fee in this case. A debt that has a live order, paid or not, gets no second one.

    Raises NoSuchFeeItem, NoSuchCase, FactsMissing, KeyReused.
    """
    debt = f"{case_number}|{fee_item_id}"
    known = Order.objects.select_for_update().filter(key=key).first()
    if known is not None and known.debt != debt:
        raise KeyReused("这个编号已用于另一笔缴费。", hint="每笔缴费请用新的编号。")
    # Under one key the same order, even a closed one: a repeated call must not open the debt anew.
    row = known or Order.objects.select_for_update().filter(debt=debt, state__in=LIVE).first()
    if row is None:
        row = _opened(debt, fee_item_id, payer_id, case_number, facts, key, reference, by=by, at=at)
    elif reference and row.reference != reference:
        row.reference = reference
        row.save(update_fields=["reference"])
    return _rows.order_view(row)


@transaction.atomic
def close_order(*, number: str, reason: str, by: Actor, at: datetime) -> OrderView:
    """Give up a debt nobody has paid; money that still comes goes back by itself. A paid order stays. Raises NoSuchOrder."""
    row = _rows.locked(number)
    if row.state == OrderState.OPEN:
        row.state, row.closed_at = OrderState.CLOSED.value, at
        row.save(update_fields=["state", "closed_at"])
        withdraw_begun(row)
        audit.record(
            "payments.order.closed", target=f"order:{row.number}", by=by, at=at, detail={"reason": reason[:80]}
        )
        publish("payments.order.closed", {"number": row.number, "case_number": row.case_number}, at=at)
    return _rows.order_view(row)


def withdraw_begun(order: Order, *, but: int | None = None) -> None:
    """Attempts that are not wanted any more are closed at their channels."""
    rows = Payment.objects.filter(order=order, state__in=_rows.BEGUN).exclude(pk=but or 0)
    if rows.update(state=PaymentState.CLOSING.value):
        _rows.carry_soon(order)


def _opened(
    debt: str,
    fee_item_id: str,
    payer_id: int,
    case_number: str,
    facts: Mapping[str, Any],
    key: str,
    reference: str,
    *,
    by: Actor,
    at: datetime,
) -> Order:
    pack, case = kinds.fee_pack(fee_item_id), cases.by_number(case_number)
    found = due(kinds.fee_item(fee_item_id), facts, on=timezone.localdate(at))
    row = Order(
        number=f"JF{_rows.stamp(at)}{next_number(f'payments.order.{_rows.stamp(at)}'):06d}",
        key=key,
        debt=debt,
        fee_item_id=fee_item_id,
        fee_item_hash=pack.hash,
        case_number=case_number,
        reference=reference,
        payer_id=payer_id,
        org_id=case.org_id,
        sum=_rows.as_json(found),
        amount_fen=found.amount_fen,
        opened_at=at,
    )
    if found.amount_fen == 0:
        row.state, row.paid_at = OrderState.WAIVED.value, at
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        # Somebody opened the same debt while we looked: theirs counts.
        return Order.objects.select_for_update().get(debt=debt, state__in=LIVE)
    detail = {"fee_item": fee_item_id, "amount_fen": row.amount_fen}
    audit.record("payments.order.opened", target=f"order:{row.number}", by=by, at=at, detail=detail)
    if row.state == OrderState.WAIVED:
        publish("payments.order.paid", {"number": row.number, "case_number": case_number}, at=at)
    else:
        publish("payments.order.opened", {"number": row.number, "case_number": case_number}, at=at)
    return row
