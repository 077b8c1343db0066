"""企业经办: the representative's page of agents, and the agent's answers, on one page of the account."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from yiwang.kernel.base.contracts import YiwangError
from yiwang.kernel.base.http import actor, audience
from yiwang.kernel.people import queries as people
from yiwang.kernel.people.contracts import MandateKind
from yiwang.support.login import actions, queries
from yiwang.support.login._account_pages import day_or_none
from yiwang.support.login._scopes import scopes
from yiwang.support.login.contracts import NotSureEnough


@never_cache
@audience("applicant")
def firms(request: HttpRequest) -> HttpResponse:
    """The firms I represent and for whom I act; by POST somebody is asked to act."""
    if request.method != "POST":
        return _firms(request, None)
    at = timezone.now()
    try:
        actions.appoint_agent(
            uscc=request.POST.get("uscc", ""),
            identifier=request.POST.get("agent", ""),
            scope=request.POST.get("scope", ""),
            ends_on=day_or_none(request.POST.get("ends_on", "")),
            proof=queries.proof_of(request, at=at),
            by=actor(request),
            at=at,
        )
    except NotSureEnough as unsure:
        there = {"level": unsure.level.value, "next": reverse("account-firms")}
        return redirect(f"{reverse('login-confirm')}?{urlencode(there)}")
    except YiwangError as wrong:
        return _firms(request, wrong)
    messages.success(request, _("邀请已发出，对方接受后生效。"))
    return redirect("account-firms")


@require_POST
@audience("applicant")
def answer(request: HttpRequest, appointment_id: int) -> HttpResponse:
    accepts = request.POST.get("answer") == "accept"
    try:
        actions.answer_appointment(appointment_id=appointment_id, accepts=accepts, by=actor(request), at=timezone.now())
    except YiwangError as wrong:
        return _firms(request, wrong)
    messages.success(request, _("已接受，现在可以代这家企业办事。") if accepts else _("已谢绝。"))
    return redirect("account-firms")


@require_POST
@audience("applicant")
def cancel(request: HttpRequest, appointment_id: int) -> HttpResponse:
    actions.cancel_appointment(appointment_id=appointment_id, by=actor(request), at=timezone.now())
    messages.success(request, _("邀请已收回。"))
    return redirect("account-firms")


@require_POST
@audience("applicant")
def end(request: HttpRequest, mandate_id: int) -> HttpResponse:
    actions.end_agency(mandate_id=mandate_id, by=actor(request), at=timezone.now())
    messages.success(request, _("经办授权已结束，即刻生效。"))
    return redirect("account-firms")


def _firms(request: HttpRequest, wrong: YiwangError | None) -> HttpResponse:
    who, at = actor(request), timezone.now()
    held = people.mandates_of(who.account_id or 0, at=at)
    facts: dict[str, Any] = {
        "firms": queries.firms_led_by(who, at=at),
        "invitations": queries.invitations_of(who, at=at),
        "held": [mandate for mandate in held if mandate.kind is MandateKind.FIRM_AGENT],
        "scopes": scopes(),
        "wrong": wrong,
        "given": request.POST,
    }
    return render(request, "login/firms.html", facts, status=wrong.status if wrong else 200)


urlpatterns = [
    path("account/firms", firms, name="account-firms"),
    path("account/firms/invitations/<int:appointment_id>/answer", answer, name="account-firm-answer"),
    path("account/firms/invitations/<int:appointment_id>/cancel", cancel, name="account-firm-cancel"),
    path("account/firms/agents/<int:mandate_id>/end", end, name="account-firm-end"),
]
