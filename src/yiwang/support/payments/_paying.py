"""Starting a payment, giving money back, and speaking with channels until each knows what became of it.

Nothing is locked while a channel takes its time. Every call carries a number that makes a repeat harmless, so
whoever dies between a call and its note is made good by the next one.
"""

from datetime import datetime, timedelta

from django.db import transaction

from yiwang.kernel.access import queries as access
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor, ActorKind, YiwangError
from yiwang.support.payments import _rows, _settling
from yiwang.support.payments._channels import channel as channel_of
from yiwang.support.payments.contracts import (
    REFUND,
    BadRefund,
    CannotPay,
    CannotRefund,
    KeyReused,
    NotYourOrder,
    OrderState,
    OrderView,
    PaymentState,
    RefundState,
    RefundView,
    Said,
    ToPay,
)
from yiwang.support.payments.models import Order, Payment, Refund

ASK_AFTER = timedelta(minutes=2)
ATTEMPTS_MAX = 20
REASON_MAX = 200


def start_payment(*, number: str, channel: str, by: Actor, at: datetime) -> str:
    """The address of the page where the order is paid; asked again, the same payment and the same page.

    Attempts at other channels are closed first, so that nobody pays twice by going back and forth.
    Raises NoSuchOrder, NotYourOrder, NoSuchChannel, CannotPay, CannotReachChannel.
    """
    speaks = channel_of(channel)
    payment, wanted = _begun(number, channel, by=by, at=at)
    for other in _closing(number):
        _close(other, by=by, at=at)
    if Order.objects.filter(number=number).exclude(state=OrderState.OPEN).exists():
        raise CannotPay("这笔费用已经缴过或不用再缴。", hint="请刷新后再看。")
    page = speaks.start(wanted)
    # Only while still wanted: it may have been closed, or even paid, in the meantime.
    Payment.objects.filter(pk=payment, state__in=_rows.BEGUN).update(state=PaymentState.WAITING.value, page_url=page)
    return page


@transaction.atomic
def refund(*, number: str, amount_fen: int, reason: str, key: str, by: Actor, at: datetime) -> RefundView:
    """Give back all or part of what was paid, the way it came. The same key again is the same refund.

    Raises NoSuchOrder, Denied, BadRefund, CannotRefund, KeyReused.
    """
    order = _rows.locked(number)
    access.require(by, REFUND, at_org=order.org_id)
    reason = reason.strip()
    if not 2 <= len(reason) <= REASON_MAX or amount_fen <= 0:
        raise BadRefund("请写明退费的金额和理由。", hint=f"金额大于零，理由2至{REASON_MAX}字。")
    known = Refund.objects.select_related("payment").filter(key=key).first()
    if known is not None:
        if (known.payment.order_id, known.amount_fen) != (order.pk, amount_fen):
            raise KeyReused("这个编号已用于另一笔退费。", hint="请刷新后再提交。")
        return _rows.refund_view(known)
    kept = Payment.objects.filter(order=order, state=PaymentState.KEPT).first()
    if order.state != OrderState.PAID or kept is None:
        raise CannotRefund("这笔费用没有可退的钱。", hint="请刷新后再看。")
    asked = Refund.objects.filter(payment=kept).exclude(state=RefundState.FAILED)
    if sum(asked.values_list("amount_fen", flat=True)) + amount_fen > order.amount_fen:
        raise CannotRefund("退费合计超过了已缴的金额。", hint="请核对已退和在退的金额。")
    row = Refund.objects.create(
        number=f"T{kept.number}{Refund.objects.filter(payment=kept).count() + 1:02d}",
        key=key, payment=kept, amount_fen=amount_fen, reason=reason, is_surplus=False, asked_at=at,
        asked_by=by.account_id,
    )  # fmt: skip
    detail = {"refund": row.number, "amount_fen": amount_fen}
    audit.record("payments.refund.asked", target=f"order:{order.number}", by=by, at=at, detail=detail)
    _rows.carry_soon(order)
    return _rows.refund_view(row)


def carry(*, number: str, by: Actor, at: datetime, waited: timedelta = timedelta(0)) -> OrderView:
    """Close what is to be closed, return what is to be returned, ask about what was begun. Raises CannotReachChannel."""
    order = Order.objects.get(number=number)
    for payment in Payment.objects.filter(order=order, state__in=_rows.UNSETTLED).order_by("id"):
        if payment.state == PaymentState.CLOSING:
            _close(payment, by=by, at=at)
        elif payment.started_at + waited <= at:
            _ask(payment, by=by, at=at)
    # After the payments: asking may have shown money that is to go back.
    rows = Refund.objects.select_related("payment").filter(payment__order=order, state=RefundState.WAITING)
    for row in rows.order_by("id"):
        said = channel_of(row.payment.channel).refund(row.payment.number, row.number, row.amount_fen)
        with transaction.atomic():
            _settling.refunded(row.pk, said, by=by, at=at)
    order.refresh_from_db()
    return _rows.order_view(order)


def check(*, number: str, by: Actor, at: datetime) -> OrderView:
    """Ask the channels now, for a payer who came back from one. Raises NoSuchOrder, NotYourOrder, CannotReachChannel."""
    with transaction.atomic():
        require_own(_rows.locked(number), by)
    return carry(number=number, by=by, at=at)


def look_after(*, by: Actor, at: datetime, most: int = 200) -> int:
    """The safety net: every order with something unsettled, a while after; returns how many could not be carried."""
    begun = Payment.objects.filter(state__in=_rows.UNSETTLED).order_by("id").values_list("order__number", flat=True)
    waiting = Refund.objects.filter(state=RefundState.WAITING).order_by("id")
    numbers = [*begun[:most], *waiting.values_list("payment__order__number", flat=True)[:most]]
    failed = 0
    for number in dict.fromkeys(numbers):
        try:
            carry(number=number, by=by, at=at, waited=ASK_AFTER)
        except YiwangError:
            failed += 1  # tried again in a minute; the others must not wait for it
    return failed


def require_own(order: Order, by: Actor) -> None:
    """Raises NotYourOrder unless the order is of the one the actor acts for."""
    if by.kind is not ActorKind.SYSTEM and (by.acting_for is None or by.acting_for != order.payer_id):
        raise NotYourOrder("这张缴费单不是您的。", hint="请核对单号，或切换到本人、被代理人的身份。")


@transaction.atomic
def _begun(number: str, channel: str, *, by: Actor, at: datetime) -> tuple[int, ToPay]:
    order = _rows.locked(number)
    require_own(order, by)
    if order.state != OrderState.OPEN:
        raise CannotPay("这笔费用已经缴过或不用再缴。", hint="请刷新后再看。")
    Payment.objects.filter(order=order, state__in=_rows.BEGUN).exclude(channel=channel).update(
        state=PaymentState.CLOSING.value
    )
    row = Payment.objects.filter(order=order, channel=channel, state__in=_rows.BEGUN).first()
    if row is None:
        count = Payment.objects.filter(order=order).count()
        if count >= ATTEMPTS_MAX:
            raise CannotPay("这张缴费单发起付款的次数太多了。", hint="请联系办理单位。")
        row = Payment.objects.create(
            number=f"{order.number}P{count + 1:02d}", order=order, channel=channel, amount_fen=order.amount_fen,
            started_at=at,
        )  # fmt: skip
        detail = {"payment": row.number, "channel": channel}
        audit.record("payments.payment.started", target=f"order:{number}", by=by, at=at, detail=detail)
    title = _rows.order_view(order).title
    return row.pk, ToPay(row.number, row.amount_fen, title, f"/my/payments/{number}")


def _closing(number: str) -> list[Payment]:
    return list(Payment.objects.filter(order__number=number, state=PaymentState.CLOSING).order_by("id"))


def _close(payment: Payment, *, by: Actor, at: datetime) -> None:
    said = channel_of(payment.channel).close(payment.number)
    _take_in(payment, said, by=by, at=at)


def _ask(payment: Payment, *, by: Actor, at: datetime) -> None:
    _take_in(payment, channel_of(payment.channel).ask(payment.number), by=by, at=at)


@transaction.atomic
def _take_in(payment: Payment, said: Said, *, by: Actor, at: datetime) -> None:
    order, row = _rows.locked_with(payment.number)
    _settling.take_in(order, row, said, by=by, at=at)
