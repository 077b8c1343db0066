"""我的缴费: what is owed, paying it, the receipt; and the page where anybody checks a receipt."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from yiwang.kernel.base import throttle
from yiwang.kernel.base.contracts import Conflict, Unavailable
from yiwang.kernel.base.http import actor, audience
from yiwang.support.payments import actions, queries
from yiwang.support.payments.contracts import NoSuchReceipt, OrderState, PaymentState

LOOKUPS_MOST = 60


@never_cache
@require_GET
@audience("applicant")
def mine(request: HttpRequest) -> HttpResponse:
    """Everything owed and paid, newest first."""
    page = queries.of_payer(actor(request), cursor=request.GET.get("cursor"))
    return render(request, "payments/mine.html", {"page": page, "english": _is_english()})


@never_cache
@require_GET
@audience("applicant")
def one(request: HttpRequest, number: str) -> HttpResponse:
    """One order: how it came about, how to pay, what became of it."""
    order = queries.own(number, actor(request))
    payments = queries.payments_of(number)
    begun = next((each for each in payments if each.state is PaymentState.WAITING), None)
    facts = {
        "order": order,
        "is_open": order.state is OrderState.OPEN,
        "begun": begun,
        "surplus": [each for each in payments if each.state is PaymentState.SURPLUS],
        "refunds": queries.refunds_of(number),
        "receipts": queries.receipts_of(number),
        "channels": queries.channels(),
        "english": _is_english(),
    }
    return render(request, "payments/one.html", facts)


@require_POST
@audience("applicant")
def start(request: HttpRequest, number: str) -> HttpResponse:
    """Begin to pay; the page then links to the channel's own."""
    channel = request.POST.get("channel", "")
    try:
        actions.start_payment(number=number, channel=channel, by=actor(request), at=timezone.now())
    except (Conflict, Unavailable) as wrong:
        messages.error(request, f"{wrong.message}{wrong.hint}")
    return redirect("my-payment", number=number)


@require_POST
@audience("applicant")
def check(request: HttpRequest, number: str) -> HttpResponse:
    """Ask the channel what became of it."""
    try:
        order = actions.check(number=number, by=actor(request), at=timezone.now())
    except Unavailable as wrong:
        messages.error(request, f"{wrong.message}{wrong.hint}")
    else:
        if order.state is OrderState.OPEN:
            messages.info(request, gettext("渠道还没有收到款。"))
    return redirect("my-payment", number=number)


@never_cache
@require_GET
@audience("public")
def verify(request: HttpRequest) -> HttpResponse:
    """Whether a receipt is genuine: by all three numbers, slow for whoever guesses."""
    asked = {name: request.GET.get(name, "").strip()[:20] for name in ("code", "number", "check_code")}
    facts: dict[str, object] = {"asked": asked}
    if all(asked.values()):
        throttle.count("receipts.verify", request.META.get("REMOTE_ADDR", ""), at=timezone.now(), most=LOOKUPS_MOST)
        try:
            facts["receipt"] = queries.verify_receipt(**asked)
        except NoSuchReceipt:
            facts["is_unknown"] = True
    return render(request, "payments/verify.html", facts, status=404 if "is_unknown" in facts else 200)


def _is_english() -> bool:
    return (get_language() or "").startswith("en")


urlpatterns = [
    path("my/payments", mine, name="my-payments"),
    path("my/payments/<slug:number>", one, name="my-payment"),
    path("my/payments/<slug:number>/start", start, name="my-payment-start"),
    path("my/payments/<slug:number>/check", check, name="my-payment-check"),
    path("receipts", verify, name="receipt-verify"),
]
