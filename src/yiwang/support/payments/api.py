"""Payments as JSON: for payers, for channels, for whoever checks a receipt, and for staff."""

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Schema, Status

from yiwang.kernel.base import throttle
from yiwang.kernel.base.contracts import Actor, ActorKind
from yiwang.kernel.base.http import ApiRouter, actor
from yiwang.support.payments import actions, queries
from yiwang.support.payments._channels import channel as channel_of
from yiwang.support.payments.contracts import BadNotice, Headers, ReconciliationView, Reduction

router = ApiRouter(tags=["payments"], audience="applicant")
callbacks = ApiRouter(tags=["payments"], audience="outside")
public = ApiRouter(tags=["payments"], audience="public")
desk = ApiRouter(tags=["payments"], audience="staff")
BODY_BYTES_MAX = 64 * 1024


class SumOut(Schema):
    unit_fen: int
    quantity: int
    gross_fen: int
    reductions: list[Reduction]
    amount_fen: int
    source: str


class OrderOut(Schema):
    """What is owed, in integer fen."""

    number: str
    title: str
    item_code: str
    case_number: str
    state: str
    word: str
    sum: SumOut
    amount_fen: int
    refunded_fen: int
    opened_at: datetime
    paid_at: datetime | None


class OrdersOut(Schema):
    items: list[OrderOut]
    next_cursor: str | None
    previous_cursor: str | None


class StartIn(Schema):
    channel: str


class StartOut(Schema):
    page_url: str


class ReceiptOut(Schema):
    """An electronic receipt; the payer is masked, a reversal has a negative amount."""

    code: str
    number: str
    check_code: str
    amount_fen: int
    issued_at: datetime
    payer: str
    collector: str
    title: str
    item_code: str
    is_reversed: bool
    is_reversal: bool


class RefundIn(Schema):
    amount_fen: int
    reason: str
    key: str


class RefundOut(Schema):
    number: str
    payment_number: str
    amount_fen: int
    state: str
    asked_at: datetime
    done_at: datetime | None


class DayIn(Schema):
    day: date


class ReconciliationsOut(Schema):
    items: list[ReconciliationView]
    next_cursor: str | None
    previous_cursor: str | None


class DifferenceOut(Schema):
    id: int
    channel: str
    day: date
    kind: str
    number: str
    ours_fen: int
    theirs_fen: int
    case_number: str
    found_at: datetime


class DifferencesOut(Schema):
    items: list[DifferenceOut]
    next_cursor: str | None
    previous_cursor: str | None


class FactOut(Schema):
    name: str
    title: str
    type: str


class FeeItemOut(Schema):
    """A fee with its basis and its price today; None where no price holds today."""

    id: str
    title: str
    code: str
    unit: str
    basis: list[str]
    fen: int | None
    facts: list[FactOut]


@router.get("/my/payments", response=OrdersOut, summary="What one owes and has paid")
def mine(request: HttpRequest, cursor: str | None = None) -> Any:
    return queries.of_payer(actor(request), cursor=cursor)


@router.get("/my/payments/{number}", response=OrderOut, summary="One order of one's own")
def one(request: HttpRequest, number: str) -> Any:
    return queries.own(number, actor(request))


@router.post("/my/payments/{number}/start", response=StartOut, summary="Begin to pay at a channel")
def start(request: HttpRequest, number: str, body: StartIn) -> Any:
    """The same call again gives the same page."""
    page = actions.start_payment(number=number, channel=body.channel, by=actor(request), at=timezone.now())
    return {"page_url": page}


@router.post("/my/payments/{number}/check", response=OrderOut, summary="Ask the channel what became of it")
def check(request: HttpRequest, number: str) -> Any:
    return actions.check(number=number, by=actor(request), at=timezone.now())


@router.get("/my/payments/{number}/receipts", response=list[ReceiptOut], summary="The receipts of an order")
def receipts(request: HttpRequest, number: str) -> Any:
    return queries.receipts_of(queries.own(number, actor(request)).number)


@public.get("/fees", response=list[FeeItemOut], summary="The catalogue of fees")
def fees(request: HttpRequest) -> Any:
    today = timezone.localdate()
    found = []
    for item_id, item in queries.fee_items():
        price = item.price(today)
        found.append(
            {
                "id": item_id,
                "title": item.title.zh,
                "code": item.code,
                "unit": item.unit.zh,
                "basis": [f"{each.title}{each.document_no}" for each in item.legal_basis],
                "fen": price.fen if price else None,
                "facts": [
                    {"name": name, "title": fact.title.zh, "type": fact.type} for name, fact in item.facts.items()
                ],
            }
        )
    return found


@public.get("/receipts/verify", response=ReceiptOut, summary="Whether a receipt is genuine")
def verify(request: HttpRequest, code: str, number: str, check_code: str) -> Any:
    """All three numbers of the receipt; slow for whoever guesses."""
    throttle.count("receipts.verify", request.META.get("REMOTE_ADDR", ""), at=timezone.now(), most=60)
    return queries.verify_receipt(code=code, number=number, check_code=check_code)


@callbacks.post(
    "/payments/{channel}/notices",
    response=dict[str, str],
    summary="A channel reports on a payment",
    url_name="payment_notices",
)
def notices(request: HttpRequest, channel: str) -> dict[str, Any]:
    """Signed as the channel signs; taken once per message, at most 64 KB."""
    at = timezone.now()
    length = request.headers.get("Content-Length", "")
    if not length.isdigit() or int(length) > BODY_BYTES_MAX:
        raise BadNotice("报文没有写明长度或超过64KB。", hint="请对照接口说明。")
    headers = Headers(
        request.get_full_path(),
        request.headers.get("X-Yiwang-Timestamp", ""),
        request.headers.get("X-Yiwang-Signature", ""),
    )
    notice = channel_of(channel).read(request.body, headers, at=at)
    order = actions.receive(channel=channel, notice=notice, by=Actor(kind=ActorKind.MACHINE, name=channel), at=at)
    return {"message_id": notice.message_id, "state": order.state}


@desk.get("/desk/payments", response=OrdersOut, summary="The orders of one's own units")
def orders(request: HttpRequest, state: str = "", cursor: str | None = None) -> Any:
    """Needs payments.view."""
    return queries.visible(actor(request), state=state, cursor=cursor)


@desk.post("/desk/payments/{number}/refunds", response=RefundOut, summary="Give money back")
def refund(request: HttpRequest, number: str, body: RefundIn) -> Any:
    """Needs payments.refund; the same key again is the same refund."""
    return actions.refund(
        number=number, amount_fen=body.amount_fen, reason=body.reason, key=body.key[:120], by=actor(request),
        at=timezone.now(),
    )  # fmt: skip


@desk.get("/desk/reconciliations", response=ReconciliationsOut, summary="Daily comparisons with the channels")
def reconciliations(request: HttpRequest, cursor: str | None = None) -> Any:
    """Needs payments.reconcile."""
    return queries.reconciliations(actor(request), cursor=cursor)


@desk.get("/desk/payment-differences", response=DifferencesOut, summary="Open differences")
def differences(request: HttpRequest, cursor: str | None = None) -> Any:
    """Needs payments.reconcile."""
    return queries.differences(actor(request), cursor=cursor)


@desk.post("/desk/channels/{channel}/reconcile", response={202: None}, summary="Have a day compared")
def reconcile(request: HttpRequest, channel: str, body: DayIn) -> Any:
    """Needs payments.reconcile."""
    actions.reconcile_soon(channel=channel, day=body.day, by=actor(request), at=timezone.now())
    return Status(202, None)
