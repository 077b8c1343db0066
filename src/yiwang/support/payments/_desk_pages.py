"""Staff: orders of one's own units and refunds, the catalogue of fees, the daily comparison and its differences."""

from datetime import date
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Conflict, Invalid
from yiwang.kernel.base.http import actor, audience
from yiwang.support.payments import actions, queries
from yiwang.support.payments.contracts import REFUND, OrderState

TONES = {OrderState.OPEN: "amber", OrderState.PAID: "green", OrderState.WAIVED: "green"}


@require_GET
@audience("staff")
def orders(request: HttpRequest) -> HttpResponse:
    """The orders of the reader's units."""
    by, state = actor(request), request.GET.get("state", "")
    queries.require_viewing(by)
    page = queries.visible(by, state=state, cursor=request.GET.get("cursor"))
    rows = [(row, TONES.get(row.state, "plain")) for row in page.items]
    return render(
        request, "payments/desk_orders.html", {"page": page, "rows": rows, "state": state, "states": OrderState}
    )


@require_GET
@audience("staff")
def order(request: HttpRequest, number: str) -> HttpResponse:
    """One order: attempts, refunds, receipts."""
    by = actor(request)
    found = queries.seen(number, by)
    facts = {
        "order": found,
        "tone": TONES.get(found.state, "plain"),
        "payments": queries.payments_of(number),
        "refunds": queries.refunds_of(number),
        "receipts": queries.receipts_of(number),
        "may_refund": found.state is OrderState.PAID and access.may(by, REFUND, found.org_id),
        "left_fen": found.amount_fen - found.refunded_fen,
        "key": uuid4().hex,
    }
    return render(request, "payments/desk_order.html", facts)


@require_POST
@audience("staff")
def refund(request: HttpRequest, number: str) -> HttpResponse:
    """Give money back; the form's key keeps a second press from paying back twice."""
    try:
        actions.refund(
            number=number,
            amount_fen=_fen(request.POST.get("amount", "")),
            reason=request.POST.get("reason", ""),
            key=f"desk:{request.POST.get('key', '')[:60]}",
            by=actor(request),
            at=timezone.now(),
        )
    except (Conflict, Invalid) as wrong:
        messages.error(request, f"{wrong.message}{wrong.hint}")
    else:
        messages.success(request, "已提交退费，款项原路退回。")
    return redirect("desk-payment", number=number)


@require_GET
@audience("staff")
def fees(request: HttpRequest) -> HttpResponse:
    """The catalogue of fees with basis, price today, earlier and later prices, reductions."""
    queries.require_viewing(actor(request))
    today = timezone.localdate()
    items = [(item_id, item, item.price(today)) for item_id, item in queries.fee_items()]
    return render(request, "payments/desk_fees.html", {"items": items})


@require_GET
@audience("staff")
def reconciliations(request: HttpRequest) -> HttpResponse:
    """Days compared, and what is still to be found out."""
    by = actor(request)
    facts = {
        "page": queries.reconciliations(by, cursor=request.GET.get("cursor")),
        "differences": queries.differences(by).items,
        "channels": queries.channels(),
        "today": timezone.localdate(),
    }
    return render(request, "payments/desk_reconciliations.html", facts)


@require_POST
@audience("staff")
def reconcile(request: HttpRequest) -> HttpResponse:
    """Have a day compared by the worker."""
    try:
        day = date.fromisoformat(request.POST.get("day", ""))
    except ValueError:
        messages.error(request, "请选择日期。")
        return redirect("desk-reconciliations")
    actions.reconcile_soon(channel=request.POST.get("channel", ""), day=day, by=actor(request), at=timezone.now())
    messages.success(request, "已开始对账，稍后刷新看结果。")
    return redirect("desk-reconciliations")


def _fen(text: str) -> int:
    """Yuan as typed, by its digits; 0 for what is no amount."""
    whole, _, part = text.strip().replace(",", "").partition(".")
    if not (whole.isascii() and whole.isdigit() and len(whole) <= 12 and len(part) <= 2):
        return 0
    if part and not (part.isascii() and part.isdigit()):
        return 0
    return int(whole) * 100 + int(part.ljust(2, "0"))


urlpatterns = [
    path("desk/payments", orders, name="desk-payments"),
    path("desk/payments/<slug:number>", order, name="desk-payment"),
    path("desk/payments/<slug:number>/refund", refund, name="desk-payment-refund"),
    path("desk/fees", fees, name="desk-fees"),
    path("desk/reconciliations", reconciliations, name="desk-reconciliations"),
    path("desk/reconciliations/run", reconcile, name="desk-reconcile"),
]
