"""Desk pages about people: AB岗 (absences and backups), and recording papers of authority."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from yiwang.kernel.access import actions as access_actions
from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor, Invalid, Place, YiwangError
from yiwang.kernel.base.http import actor, audience
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.people import queries as people
from yiwang.kernel.people.contracts import PartyKind
from yiwang.support.login import actions
from yiwang.support.login._scopes import scopes

REASONS = ("年休假", "病假", "产假", "外出培训", "公务外出", "其他")


@never_cache
@audience("staff")
def handover(request: HttpRequest) -> HttpResponse:
    """Who holds which post in my units, who is away, and whose backup acts."""
    if request.method != "POST":
        return _handover(request, {})
    try:
        access_actions.record_absence(
            holding_id=_number(request, "holding"),
            starts_on=_day(request, "starts_on"),
            ends_on=_day(request, "ends_on"),
            reason=request.POST.get("reason", "") or REASONS[-1],
            by=actor(request),
            at=timezone.now(),
        )
    except YiwangError as wrong:
        return _handover(request, {"wrong": wrong, "given": request.POST}, status=wrong.status)
    messages.success(request, "请假已登记，期间由B岗办理。")
    return redirect("desk-handover")


@require_POST
@audience("staff")
def back(request: HttpRequest, absence_id: int) -> HttpResponse:
    """The holder is back: the absence ends with yesterday, or with its first day."""
    at = timezone.now()
    absence = people.absence(absence_id)
    ends_on = max(absence.starts_on, date.fromordinal(timezone.localdate(at).toordinal() - 1))
    access_actions.end_absence(absence_id=absence_id, ends_on=ends_on, by=actor(request), at=at)
    messages.success(request, "已登记返岗。")
    return redirect("desk-handover")


@never_cache
@audience("staff")
def mandate(request: HttpRequest) -> HttpResponse:
    """Record a paper of authority shown at the window."""
    places = [post for post in actor(request).posts if access.may(actor(request), "login.record-mandate", post.org_id)]
    facts: dict[str, Any] = {"scopes": scopes(), "kinds": [("person", "个人"), ("firm", "企业")], "given": request.POST}
    if not places:
        access.require(actor(request), "login.record-mandate", at_org=0)
    if request.method != "POST":
        return render(request, "login/mandate.html", facts)
    try:
        given = {key: request.POST.get(key, "") for key in ("name", "id_number", "phone", "scope", "document_no")}
        actions.record_mandate(
            **given,
            at_org=places[0].org_id,
            kind=PartyKind.FIRM if request.POST.get("kind") == "firm" else PartyKind.PERSON,
            identifier=request.POST.get("agent", ""),
            ends_on=_day(request, "ends_on"),
            by=actor(request),
            at=timezone.now(),
        )
    except YiwangError as wrong:
        return render(request, "login/mandate.html", facts | {"wrong": wrong}, status=wrong.status)
    messages.success(request, "授权已登记，受托人登录后即可代为办理。")
    return redirect("desk-mandate")


def _handover(request: HttpRequest, more: dict[str, Any], status: int = 200) -> HttpResponse:
    who, at = actor(request), timezone.now()
    units = [_unit(who, org_id, at) for org_id in sorted({post.org_id for post in who.posts})]
    choices = [choice for unit in units for choice in unit["may_absent"]]
    facts = {"units": units, "choices": choices, "reasons": [(r, r) for r in REASONS]}
    return render(request, "login/handover.html", facts | more, status=status)


def _unit(who: Actor, org_id: int, at: Any) -> dict[str, Any]:
    holdings, absences = people.holdings_at(org_id, at=at), people.absences_at(org_id, at=at)
    names = {key: view.name for key, view in people.accounts(h.account_id for h in holdings).items()}
    may_all = access.may(who, "people.record-absence", org_id)
    away = {absence.holding_id: absence for absence in absences}
    rows = [(holding, names[holding.account_id], away.get(holding.id)) for holding in holdings]
    return {
        "org": orgs.get(org_id),
        "rows": rows,
        "may_absent": [
            (holding.id, f"{holding.post.title} {names[holding.account_id]}")
            for holding in holdings
            if not holding.is_backup and (may_all or holding.account_id == who.account_id)
        ],
        "may_end": {h.id for h in holdings if may_all or h.account_id == who.account_id},
    }


def _number(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    if not text.isdigit():
        raise Invalid("请选择岗位。", places=[Place(name, "请选择岗位。")])
    return int(text)


def _day(request: HttpRequest, name: str) -> date:
    try:
        return date.fromisoformat(request.POST.get(name, ""))
    except ValueError as wrong:
        raise Invalid("日期有误。", places=[Place(name, "请选择日期。")]) from wrong


urlpatterns = [
    path("desk/handover", handover, name="desk-handover"),
    path("desk/handover/<int:absence_id>/back", back, name="desk-handover-back"),
    path("desk/mandate", mandate, name="desk-mandate"),
]
