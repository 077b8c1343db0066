"""What crosses the boundary of payments: fees, orders, payments, receipts, and the port that every channel serves."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from yiwang.kernel.base.contracts import Conflict, Denied, Invalid, NotFound, Unavailable
from yiwang.kernel.cases.contracts import CaseView
from yiwang.support.payments._port import Channel, Headers, Notice, Said, StatementLine, ToPay, Word

__all__ = [
    "Channel",
    "Headers",
    "Notice",
    "Said",
    "StatementLine",
    "ToPay",
    "Word",
]

SYSTEM_NAME = "payments"
DIFFERENCE_KIND = "payment-difference"
VIEW, REFUND, RECONCILE = "payments.view", "payments.refund", "payments.reconcile"


class OrderState(StrEnum):
    """How a debt stands."""

    OPEN = "open"
    PAID = "paid"
    WAIVED = "waived"  # nothing is due
    REFUNDED = "refunded"
    CLOSED = "closed"

    @property
    def word(self) -> str:
        return ORDER_WORDS[self]

    @property
    def is_settled(self) -> bool:
        return self in (OrderState.PAID, OrderState.WAIVED)


ORDER_WORDS = {
    OrderState.OPEN: "待缴费",
    OrderState.PAID: "已缴费",
    OrderState.WAIVED: "免缴",
    OrderState.REFUNDED: "已退费",
    OrderState.CLOSED: "已关闭",
}


class PaymentState(StrEnum):
    """One attempt at a channel. `closing`: no longer wanted, and the channel has not confirmed that yet."""

    STARTING = "starting"
    WAITING = "waiting"
    CLOSING = "closing"
    CLOSED = "closed"
    FAILED = "failed"
    KEPT = "kept"
    SURPLUS = "surplus"  # captured although nothing was due: goes back in full

    @property
    def word(self) -> str:
        return PAYMENT_WORDS[self]

    @property
    def is_captured(self) -> bool:
        return self in (PaymentState.KEPT, PaymentState.SURPLUS)


PAYMENT_WORDS = {
    PaymentState.STARTING: "正在发起",
    PaymentState.WAITING: "等待付款",
    PaymentState.CLOSING: "正在关闭",
    PaymentState.CLOSED: "已关闭",
    PaymentState.FAILED: "付款未成功",
    PaymentState.KEPT: "已到账",
    PaymentState.SURPLUS: "多付,自动退回",
}


class RefundState(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"

    @property
    def word(self) -> str:
        return REFUND_WORDS[self]


REFUND_WORDS = {RefundState.WAITING: "退款中", RefundState.DONE: "已退回", RefundState.FAILED: "渠道未能退款"}


class Via(StrEnum):
    CALLBACK = "callback"
    ASKED = "asked"
    STATEMENT = "statement"


class DifferenceKind(StrEnum):
    UNKNOWN_HERE = "unknown-here"  # the channel has money under a number we never gave out
    MISSING_THERE = "missing-there"  # we count it as paid, their list does not have it
    AMOUNT = "amount"
    REFUND = "refund"  # refunded on one side only

    @property
    def word(self) -> str:
        return DIFFERENCE_WORDS[self]


DIFFERENCE_WORDS = {
    DifferenceKind.UNKNOWN_HERE: "渠道有这笔钱,本平台没有这笔单",
    DifferenceKind.MISSING_THERE: "本平台记为已缴,渠道账单没有",
    DifferenceKind.AMOUNT: "两边金额不同",
    DifferenceKind.REFUND: "退款只在一边",
}


class NoSuchFeeItem(NotFound):
    code = "payments.no-such-fee-item"


class NoSuchOrder(NotFound):
    code = "payments.no-such-order"


class NoSuchPayment(NotFound):
    """A report about a payment that was never started."""

    code = "payments.no-such-payment"


class NoSuchReceipt(NotFound):
    code = "payments.no-such-receipt"


class NoSuchChannel(NotFound):
    code = "payments.no-such-channel"


class NotYourOrder(Denied):
    code = "payments.not-your-order"


class NotPermitted(Denied):
    code = "payments.not-permitted"


class FactsMissing(Invalid):
    """The tariff asks for something that is not known."""

    code = "payments.facts-missing"


class BadNotice(Invalid):
    code = "payments.bad-notice"


class BadRefund(Invalid):
    code = "payments.bad-refund"


class CannotPay(Conflict):
    code = "payments.cannot-pay"


class CannotRefund(Conflict):
    code = "payments.cannot-refund"


class KeyReused(Conflict):
    """The same key for another debt."""

    code = "payments.key-reused"


class NoticeReused(Conflict):
    """The same message id with another content."""

    code = "payments.notice-reused"


class CannotReachChannel(Unavailable):
    code = "payments.cannot-reach-channel"


@dataclass(frozen=True, slots=True)
class Reduction:
    """A reduction that applied, with the sentence and basis that say why."""

    code: str
    sentence: str
    basis: str
    off_fen: int


@dataclass(frozen=True, slots=True)
class Sum:
    """What a tariff comes to on a day. `unknown` names reductions that could not be judged, and which facts they lack."""

    unit_fen: int
    quantity: int
    gross_fen: int
    reductions: tuple[Reduction, ...]
    amount_fen: int
    source: str
    unknown: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Charge:
    """One fee that a case has to pay, with the facts its tariff asks for."""

    fee_item_id: str
    facts: Mapping[str, Any] = field(default_factory=dict)


Biller = Callable[[CaseView], Sequence[Charge]]
_billers: list[Biller] = []


def register_biller(biller: Biller) -> None:
    """Say what a case has to pay; called in AppConfig.ready() by the app that knows the matter."""
    if biller not in _billers:
        _billers.append(biller)


def charges_of(case: CaseView) -> tuple[Charge, ...]:
    return tuple(charge for biller in _billers for charge in biller(case))


@dataclass(frozen=True, slots=True)
class PaymentView:
    number: str
    channel: str
    channel_title: str
    state: PaymentState
    amount_fen: int
    channel_number: str
    started_at: datetime
    captured_at: datetime | None
    page_url: str


@dataclass(frozen=True, slots=True)
class RefundView:
    number: str
    payment_number: str
    amount_fen: int
    reason: str
    state: RefundState
    asked_at: datetime
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReceiptView:
    """An electronic receipt (电子票据); a reversal has a negative amount. The payer is masked."""

    code: str
    number: str
    check_code: str
    amount_fen: int
    issued_at: datetime
    payer: str
    collector: str
    title: str
    item_code: str
    order_number: str
    is_reversed: bool
    is_reversal: bool


@dataclass(frozen=True, slots=True)
class OrderView:
    number: str
    fee_item_id: str
    title: str
    title_en: str
    item_code: str
    case_number: str
    payer_id: int
    org_id: int
    state: OrderState
    sum: Sum
    unit: str
    amount_fen: int
    refunded_fen: int
    opened_at: datetime
    paid_at: datetime | None
    closed_at: datetime | None

    @property
    def word(self) -> str:
        return self.state.word


@dataclass(frozen=True, slots=True)
class ChannelView:
    id: str
    title: str
    title_en: str


@dataclass(frozen=True, slots=True)
class ReconciliationView:
    channel: str
    day: date
    run_at: datetime
    ours_count: int
    ours_fen: int
    theirs_count: int
    theirs_fen: int
    repaired: int
    differences: int


@dataclass(frozen=True, slots=True)
class DifferenceView:
    id: int
    channel: str
    day: date
    kind: DifferenceKind
    number: str
    ours_fen: int
    theirs_fen: int
    case_number: str
    case_id: int | None
    found_at: datetime
    settled_at: datetime | None


def yuan(fen: int) -> str:
    """Integer fen as people read money: 1,234.50."""
    sign, whole = ("-", -fen) if fen < 0 else ("", fen)
    return f"{sign}{whole // 100:,}.{whole % 100:02d}"
