"""Rows as contracts, and the one lock: whatever happens to an order's money happens under the order's row."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from procrastinate.contrib.django import app

from yiwang.kernel.base.masking import mask_name
from yiwang.kernel.orgs import queries as orgs
from yiwang.support.payments import kinds
from yiwang.support.payments.contracts import (
    NoSuchOrder,
    NoSuchPayment,
    OrderState,
    OrderView,
    PaymentState,
    PaymentView,
    ReceiptView,
    Reduction,
    RefundState,
    RefundView,
    Sum,
)
from yiwang.support.payments.models import Order, Payment, Receipt, Refund

CARRY_TASK = "payments.carry"
BEGUN = (PaymentState.STARTING, PaymentState.WAITING)
UNSETTLED = (*BEGUN, PaymentState.CLOSING)


def locked(number: str) -> Order:
    """Raises NoSuchOrder."""
    row = Order.objects.select_for_update().filter(number=number).first()
    if row is None:
        raise NoSuchOrder("没有这张缴费单。", hint="请核对单号。")
    return row


def locked_with(payment_number: str) -> tuple[Order, Payment]:
    """A payment under its order's lock. Raises NoSuchPayment."""
    found = Payment.objects.filter(number=payment_number).values_list("order__number", flat=True).first()
    if found is None:
        raise NoSuchPayment("本平台没有发起过这笔付款。", hint="请核对付款单号。")
    order = locked(found)
    return order, Payment.objects.get(number=payment_number)


def carry_soon(order: Order) -> None:
    """Have the worker speak with the channels after this transaction."""
    app.configure_task(CARRY_TASK, queue="outside").defer(order=order.number)


def as_json(found: Sum) -> dict[str, Any]:
    return asdict(found) | {"unknown": {code: list(names) for code, names in found.unknown.items()}}


def _as_sum(kept: dict[str, Any]) -> Sum:
    reductions = tuple(Reduction(**each) for each in kept["reductions"])
    unknown = {code: tuple(names) for code, names in kept["unknown"].items()}
    return Sum(**kept | {"reductions": reductions, "unknown": unknown})


def order_view(row: Order) -> OrderView:
    item = kinds.fee_item(row.fee_item_id, row.fee_item_hash)
    return OrderView(
        number=row.number,
        fee_item_id=row.fee_item_id,
        title=item.title.zh,
        title_en=item.title.en or item.title.zh,
        item_code=item.code,
        case_number=row.case_number,
        payer_id=row.payer_id,
        org_id=row.org_id,
        state=OrderState(row.state),
        sum=_as_sum(row.sum),
        unit=item.unit.zh,
        amount_fen=row.amount_fen,
        refunded_fen=row.refunded_fen,
        opened_at=row.opened_at,
        paid_at=row.paid_at,
        closed_at=row.closed_at,
    )


def payment_view(row: Payment, titles: dict[str, str]) -> PaymentView:
    return PaymentView(
        number=row.number,
        channel=row.channel,
        channel_title=titles.get(row.channel, row.channel),
        state=PaymentState(row.state),
        amount_fen=row.amount_fen,
        channel_number=row.channel_number,
        started_at=row.started_at,
        captured_at=row.captured_at,
        page_url=row.page_url,
    )


def refund_view(row: Refund) -> RefundView:
    return RefundView(
        number=row.number,
        payment_number=row.payment.number,
        amount_fen=row.amount_fen,
        reason=row.reason,
        state=RefundState(row.state),
        asked_at=row.asked_at,
        done_at=row.done_at,
    )


def receipt_views(rows: Iterable[Receipt]) -> list[ReceiptView]:
    rows = list(rows)
    undone = set(Receipt.objects.filter(reverses__in=rows).values_list("reverses_id", flat=True))
    units = orgs.named({row.order.org_id for row in rows})
    return [_receipt_view(row, units[row.order.org_id].name, row.pk in undone) for row in rows]


def _receipt_view(row: Receipt, collector: str, is_reversed: bool) -> ReceiptView:
    item = kinds.fee_item(row.order.fee_item_id, row.order.fee_item_hash)
    return ReceiptView(
        code=row.code,
        number=row.number,
        check_code=row.check_code,
        amount_fen=row.amount_fen,
        issued_at=row.issued_at,
        payer=mask_name(row.payer_name),
        collector=collector,
        title=item.title.zh,
        item_code=item.code,
        order_number=row.order.number,
        is_reversed=is_reversed,
        is_reversal=row.reverses_id is not None,
    )


def stamp(at: datetime) -> str:
    """The day in a number, as people here count days."""
    from django.utils import timezone

    return f"{timezone.localtime(at):%Y%m%d}"
