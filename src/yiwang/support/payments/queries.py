"""Reading fees, orders, receipts and comparisons."""

import hmac
from collections.abc import Iterable

from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.paging import Page, keyset
from yiwang.kernel.packs import queries as packs
from yiwang.support.payments import _reconciling, _rows, kinds
from yiwang.support.payments._channels import channel_packs
from yiwang.support.payments._paying import require_own
from yiwang.support.payments.contracts import (
    VIEW,
    ChannelView,
    DifferenceKind,
    DifferenceView,
    NoSuchOrder,
    NoSuchReceipt,
    NotPermitted,
    OrderState,
    OrderView,
    PaymentView,
    ReceiptView,
    ReconciliationView,
    RefundView,
)
from yiwang.support.payments.kinds import FEE_ITEM, FeeItemPack
from yiwang.support.payments.models import Difference, Order, Payment, Receipt, Reconciliation, Refund

CODE_MAX = 20
SHOWN_MAX = 99


def get(number: str) -> OrderView:
    """Raises NoSuchOrder."""
    return _rows.order_view(_row(number))


def own(number: str, by: Actor) -> OrderView:
    """An order of the one the actor acts for. Raises NoSuchOrder, NotYourOrder."""
    row = _row(number)
    require_own(row, by)
    return _rows.order_view(row)


def of_payer(by: Actor, *, cursor: str | None = None, size: int = 20) -> Page[OrderView]:
    """The orders of the one the actor acts for, newest first."""
    rows = Order.objects.filter(payer_id=by.acting_for or 0)
    page = keyset(rows, order=("-id",), cursor=cursor, size=size)
    return Page([_rows.order_view(row) for row in page.items], page.next_cursor, page.previous_cursor)


def open_of_payer(by: Actor) -> list[OrderView]:
    """What the one the actor acts for has still to pay, at most 20."""
    rows = Order.objects.filter(payer_id=by.acting_for or 0, state=OrderState.OPEN).order_by("id")
    return [_rows.order_view(row) for row in rows[:20]]


def of_case(case_number: str) -> list[OrderView]:
    """The orders of a case, oldest first."""
    return [_rows.order_view(row) for row in Order.objects.filter(case_number=case_number).order_by("id")]


def owing(case_numbers: Iterable[str]) -> set[str]:
    """Which of these cases wait for their payer, in one query."""
    rows = Order.objects.filter(case_number__in=list(case_numbers), state=OrderState.OPEN)
    return set(rows.values_list("case_number", flat=True))


def visible(by: Actor, *, state: str = "", cursor: str | None = None, size: int = 20) -> Page[OrderView]:
    """The orders of one's own units, newest first."""
    rows = access.visible(by, Order.objects.all(), VIEW)
    if state in set(OrderState):
        rows = rows.filter(state=state)
    page = keyset(rows, order=("-id",), cursor=cursor, size=size)
    return Page([_rows.order_view(row) for row in page.items], page.next_cursor, page.previous_cursor)


def seen(number: str, by: Actor) -> OrderView:
    """An order of one's own units. Raises NoSuchOrder, so that nobody learns of others."""
    row = access.visible(by, Order.objects.filter(number=number), VIEW).first()
    if row is None:
        raise _missing()
    return _rows.order_view(row)


def payments_of(number: str) -> list[PaymentView]:
    titles = {each.id: each.title for each in channels()}
    return [_rows.payment_view(row, titles) for row in Payment.objects.filter(order__number=number).order_by("id")]


def refunds_of(number: str) -> list[RefundView]:
    rows = Refund.objects.select_related("payment").filter(payment__order__number=number).order_by("id")
    return [_rows.refund_view(row) for row in rows]


def receipts_of(number: str) -> list[ReceiptView]:
    """Receipts of an order, oldest first; reversals among them."""
    return _rows.receipt_views(Receipt.objects.select_related("order").filter(order__number=number).order_by("id"))


def verify_receipt(*, code: str, number: str, check_code: str) -> ReceiptView:
    """A receipt by all three of its numbers; whoever errs in one learns nothing of the others. Raises NoSuchReceipt."""
    rows = Receipt.objects.select_related("order").filter(
        code=code.strip()[:CODE_MAX], number=number.strip()[:CODE_MAX]
    )
    row = rows.first()
    if row is None or not hmac.compare_digest(row.check_code.encode(), check_code.strip().encode()):
        raise NoSuchReceipt("没有这张电子票据，或者三个号码对不上。", hint="请照票面核对票据代码、号码和校验码。")
    return _rows.receipt_views([row])[0]


def channels() -> list[ChannelView]:
    """The ways to pay, in their order."""
    return [ChannelView(pack.id, pack.title.zh, pack.title.en or pack.title.zh) for pack in channel_packs()]


def fee_items() -> list[tuple[str, FeeItemPack]]:
    """The catalogue of fees in force, by code."""
    found = [(pack.id, pack.as_type(FeeItemPack)) for pack in packs.all_of(FEE_ITEM)]
    return sorted(found, key=lambda each: each[1].code)


def fee_item(item_id: str) -> FeeItemPack:
    """Raises NoSuchFeeItem."""
    return kinds.fee_item(item_id)


def reconciliations(by: Actor, *, cursor: str | None = None, size: int = 20) -> Page[ReconciliationView]:
    """Comparisons, newest day first. Raises NotPermitted."""
    _reconciling.require_reconciling(by)
    page = keyset(Reconciliation.objects.all(), order=("-day", "-id"), cursor=cursor, size=size)
    return Page([_reconciling.view(row) for row in page.items], page.next_cursor, page.previous_cursor)


def differences(by: Actor, *, cursor: str | None = None, size: int = 20) -> Page[DifferenceView]:
    """Open differences, newest first. Raises NotPermitted."""
    _reconciling.require_reconciling(by)
    rows = Difference.objects.filter(settled_at__isnull=True)
    page = keyset(rows, order=("-id",), cursor=cursor, size=size)
    return Page(_differences(page.items), page.next_cursor, page.previous_cursor)


def count_differences() -> int:
    """Open differences, counted up to 99."""
    return Difference.objects.filter(settled_at__isnull=True)[:SHOWN_MAX].count()


def require_viewing(by: Actor) -> None:
    """Raises NotPermitted."""
    if not access.may_anywhere(by, VIEW):
        raise NotPermitted("您的岗位不能查看收费。", hint="请联系收费管理员。")


def _differences(rows: Iterable[Difference]) -> list[DifferenceView]:
    return [
        DifferenceView(
            id=row.pk,
            channel=row.channel,
            day=row.day,
            kind=DifferenceKind(row.kind),
            number=row.number,
            ours_fen=row.ours_fen,
            theirs_fen=row.theirs_fen,
            case_number=row.case_number,
            case_id=row.case_id,
            found_at=row.found_at,
            settled_at=row.settled_at,
        )
        for row in rows
    ]


def _row(number: str) -> Order:
    row = Order.objects.filter(number=number[:40]).first()
    if row is None:
        raise _missing()
    return row


def _missing() -> NoSuchOrder:
    return NoSuchOrder("没有这张缴费单。", hint="请核对单号。")
