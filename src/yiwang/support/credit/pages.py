"""Credit pages: what anybody may look up, a firm's own, the desk's; and the report as PDF."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yiwang.kernel.access import queries as access
from yiwang.kernel.base import throttle
from yiwang.kernel.base.contracts import YiwangError
from yiwang.kernel.base.http import actor, audience
from yiwang.kernel.orgs import queries as orgs
from yiwang.support.credit import _report, actions, queries
from yiwang.support.credit.api import LOOKUPS_MOST
from yiwang.support.credit.contracts import CHECK, NoSuchSubject, NotAFirm


@require_GET
@audience("public")
def look_up(request: HttpRequest) -> HttpResponse:
    """By the unified social credit code: records in their period of publication."""
    asked = request.GET.get("uscc", "").strip().upper()[:18]
    facts: dict[str, Any] = {"asked": asked}
    if asked:
        throttle.count("credit.lookup", request.META.get("REMOTE_ADDR", ""), at=timezone.now(), most=LOOKUPS_MOST)
        try:
            facts["subject"] = queries.public(asked)
        except NoSuchSubject as wrong:
            facts["wrong"] = wrong
    return render(request, "credit/public.html", facts, status=404 if "wrong" in facts else 200)


@never_cache
@require_GET
@audience("applicant")
def mine(request: HttpRequest) -> HttpResponse:
    """The firm's whole record, its grade and why, who checked it, and what can be asked for."""
    by = actor(request)
    try:
        subject = queries.own(by)
    except NotAFirm as wrong:
        return render(request, "credit/not_a_firm.html", {"wrong": wrong}, status=403)
    checks = queries.checks_of(by, cursor=request.GET.get("cursor"))
    units = orgs.named({each.org_id for each in checks.items})
    facts = {
        "subject": subject,
        "checks": checks,
        "checked": [(each, units[each.org_id].name) for each in checks.items],
        "promises": [each.in_language(get_language()) for each in queries.promises()],
        "today": timezone.localdate(),
    }
    return render(request, "credit/mine.html", facts)


@require_POST
@audience("applicant")
def object_to(request: HttpRequest, record_id: int) -> HttpResponse:
    """The record is wrong."""
    return _asked(request, lambda words: actions.object_to(
        record_id=record_id, words=words, by=actor(request), at=timezone.now()
    ))  # fmt: skip


@require_POST
@audience("applicant")
def ask_repair(request: HttpRequest, record_id: int) -> HttpResponse:
    """The record shall be public no more."""
    has_promised = request.POST.get("promised") == "1"
    return _asked(request, lambda words: actions.ask_repair(
        record_id=record_id, words=words, has_promised=has_promised, by=actor(request), at=timezone.now()
    ))  # fmt: skip


def _asked(request: HttpRequest, ask: Any) -> HttpResponse:
    try:
        case = ask(request.POST.get("words", ""))
    except YiwangError as wrong:
        messages.error(request, f"{wrong.message}{wrong.hint}")
        return redirect("my-credit")
    messages.success(request, gettext("已提交，进度在“我的办件”。"))
    return redirect("my-case", number=case.number)


@never_cache
@require_GET
@audience("applicant")
def report(request: HttpRequest) -> HttpResponse:
    """The firm's credit report. Raises NotAFirm, NoPdf."""
    return _report.answer(queries.own(actor(request)), at=timezone.now())


@never_cache
@require_http_methods(["GET", "POST"])
@audience("staff")
def desk(request: HttpRequest) -> HttpResponse:
    """Check a firm for a purpose; the firm sees it."""
    by = actor(request)
    if not access.may_anywhere(by, CHECK):
        access.require(by, CHECK, at_org=0)
    facts: dict[str, Any] = {"given": request.POST}
    if request.method == "POST":
        uscc, purpose = request.POST.get("uscc", "").strip().upper()[:18], request.POST.get("purpose", "")
        try:
            [facts["check"]] = actions.check_many(usccs=[uscc], purpose=purpose, by=by, at=timezone.now())
            facts["subject"] = queries.of_desk(uscc, by)
        except YiwangError as wrong:
            return render(request, "credit/desk.html", {"given": request.POST, "wrong": wrong}, status=wrong.status)
    return render(request, "credit/desk.html", facts)


urlpatterns = [
    path("credit", look_up, name="credit"),
    path("my/credit", mine, name="my-credit"),
    path("my/credit/report.pdf", report, name="my-credit-report"),
    path("my/credit/<int:record_id>/object", object_to, name="my-credit-object"),
    path("my/credit/<int:record_id>/repair", ask_repair, name="my-credit-repair"),
    path("desk/credit", desk, name="desk-credit"),
]
