"""What a channel says becomes what we hold: under the order's lock, once, whichever way and however often it comes."""

import hashlib
import json
from datetime import datetime

from django.db import transaction

from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.events import publish
from yiwang.kernel.ledger import actions as ledger
from yiwang.support.payments import _differences, _orders, _receipts, _rows
from yiwang.support.payments.contracts import (
    DifferenceKind,
    NoSuchPayment,
    Notice,
    NoticeReused,
    OrderState,
    OrderView,
    PaymentState,
    RefundState,
    Said,
    Via,
    Word,
)
from yiwang.support.payments.models import Heard, Order, Payment, Refund

ENDS = {Word.FAILED: PaymentState.FAILED, Word.CLOSED: PaymentState.CLOSED}
SURPLUS_REASON = "多付款项自动退回"


@transaction.atomic
def receive(*, channel: str, notice: Notice, by: Actor, at: datetime, via: Via = Via.CALLBACK) -> OrderView:
    """Take in one genuine message of a channel; the same again changes nothing, in whatever order they come.

    Raises NoSuchPayment, NoticeReused.
    """
    order, payment = _rows.locked_with(notice.payment_number)
    if payment.channel != channel:
        raise NoSuchPayment("这笔付款不是经这个渠道发起的。", hint="请核对付款单号。")
    digest = _digest(notice)
    known = Heard.objects.filter(channel=channel, message_id=notice.message_id).first()
    if known is not None and known.digest != digest:
        raise NoticeReused("这个报文编号已用于另一份报文。", hint="每份报文请用新的编号。")
    if known is None:
        said = notice.said
        Heard.objects.create(
            channel=channel, message_id=notice.message_id, digest=digest, payment=payment, word=said.word,
            amount_fen=said.amount_fen, via=via, heard_at=at,
        )  # fmt: skip
        take_in(order, payment, said, by=by, at=at)
        detail = {"payment": payment.number, "word": said.word, "via": via}
        audit.record("payments.notice.heard", target=f"order:{order.number}", by=by, at=at, detail=detail)
    return _rows.order_view(order)


def take_in(order: Order, payment: Payment, said: Said, *, by: Actor, at: datetime) -> None:
    """Under the order's lock. Captured money is kept if it is what is due, else it goes back; nothing un-captures it."""
    if PaymentState(payment.state).is_captured:
        return
    if said.word is Word.PAID:
        _captured(order, payment, said, by=by, at=at)
    elif said.word in ENDS and payment.state in _rows.UNSETTLED:
        payment.state = ENDS[said.word].value
        payment.save(update_fields=["state"])


def refunded(refund_id: int, said: Said, *, by: Actor, at: datetime) -> None:
    """What a channel says of money on its way back; called within a transaction."""
    number = Refund.objects.values_list("payment__order__number", flat=True).get(pk=refund_id)
    order = _rows.locked(number)
    refund = Refund.objects.select_related("payment").get(pk=refund_id)
    if refund.state != RefundState.WAITING or said.word not in (Word.PAID, Word.FAILED):
        return
    refund.state = RefundState.DONE.value if said.word is Word.PAID else RefundState.FAILED.value
    refund.channel_number, refund.done_at = said.channel_number[:80], at
    refund.save(update_fields=["state", "channel_number", "done_at"])
    detail = {"refund": refund.number, "amount_fen": refund.amount_fen, "state": refund.state}
    audit.record("payments.refund.answered", target=f"order:{order.number}", by=by, at=at, detail=detail)
    if refund.state != RefundState.DONE or refund.is_surplus:
        return
    order.refunded_fen += refund.amount_fen
    if order.refunded_fen == order.amount_fen:
        order.state = OrderState.REFUNDED.value
    order.save(update_fields=["refunded_fen", "state"])
    _receipts.undo(order, by=by, at=at)
    ledger.append(kind="payments.order.refunded", subject=f"order:{order.number}", content=detail, by=by, at=at)
    publish("payments.order.refunded", {"number": order.number, "case_number": order.case_number}, at=at)


def _captured(order: Order, payment: Payment, said: Said, *, by: Actor, at: datetime) -> None:
    is_due = order.state == OrderState.OPEN and said.amount_fen == order.amount_fen
    payment.state = PaymentState.KEPT.value if is_due else PaymentState.SURPLUS.value
    payment.captured_fen, payment.captured_at = said.amount_fen, said.at or at
    payment.channel_number = said.channel_number[:80]
    payment.save(update_fields=["state", "captured_fen", "captured_at", "channel_number"])
    if said.amount_fen != payment.amount_fen:
        day = (said.at or at).date()
        _differences.note(
            payment.channel, day, DifferenceKind.AMOUNT, payment.number, payment.amount_fen, said.amount_fen,
            by=by, at=at,
        )  # fmt: skip
    if is_due:
        _kept(order, payment, by=by, at=at)
    else:
        _send_back(order, payment, at=at)


def _kept(order: Order, payment: Payment, *, by: Actor, at: datetime) -> None:
    order.state, order.paid_at = OrderState.PAID.value, payment.captured_at
    order.save(update_fields=["state", "paid_at"])
    _orders.withdraw_begun(order, but=payment.pk)
    _receipts.issue(order, amount_fen=order.amount_fen, by=by, at=at)
    content = {"order": order.number, "payment": payment.number, "amount_fen": order.amount_fen}
    ledger.append(kind="payments.order.paid", subject=f"order:{order.number}", content=content, by=by, at=at)
    publish("payments.order.paid", {"number": order.number, "case_number": order.case_number}, at=at)


def _send_back(order: Order, payment: Payment, *, at: datetime) -> None:
    Refund.objects.create(
        number=f"T{payment.number}S",
        key=f"surplus:{payment.number}",
        payment=payment,
        amount_fen=payment.captured_fen,
        reason=SURPLUS_REASON,
        is_surplus=True,
        asked_at=at,
    )
    _rows.carry_soon(order)


def _digest(notice: Notice) -> str:
    said = notice.said
    parts = [notice.payment_number, said.word, said.amount_fen, said.channel_number]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()
