"""Pages of one's own account: devices, password, second factor, mandates, for whom one acts."""

from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from yiwang.kernel.base.contracts import SYSTEM, Actor, ActorKind, YiwangError
from yiwang.kernel.base.http import actor, audience
from yiwang.kernel.design import queries as design
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.people import actions as people
from yiwang.kernel.people import queries as people_queries
from yiwang.support.login import _sitting, actions, queries
from yiwang.support.login._asking import passkey_question, site_of
from yiwang.support.login._scopes import scopes
from yiwang.support.login._ways import first_page, next_of
from yiwang.support.login.contracts import Assurance, Method, PasskeyUse
from yiwang.support.login.sessions import MARK


@never_cache
@audience("signed-in")
def account(request: HttpRequest) -> HttpResponse:
    """Everything about one's account on one page."""
    return _account(request, {})


@never_cache
@audience("signed-in")
def history(request: HttpRequest) -> HttpResponse:
    """When somebody signed in as me, or tried to."""
    who = actor(request)
    page = queries.history(who.account_id or 0, cursor=request.GET.get("cursor"))
    facts = {
        "frame": "desk.html" if who.kind is ActorKind.STAFF else "base.html",
        "page": page,
        "rows": [(queries.word_of(row), row.at) for row in page.items],
        "failures": [(queries.word_of(row), row.at) for row in queries.failures(who)],
    }
    return render(request, "login/history.html", facts)


@require_POST
@sensitive_post_parameters()
@audience("signed-in")
def password(request: HttpRequest) -> HttpResponse:
    try:
        old, new = request.POST.get("old", ""), request.POST.get("password", "")
        keep = request.session.get(MARK, "")
        actions.change_password(old=old, new=new, by=actor(request), at=timezone.now(), keep=keep)
    except YiwangError as wrong:
        return _account(request, {"wrong": wrong}, status=wrong.status)
    _sitting.renew_mark(request, at=timezone.now())
    messages.success(request, _("密码已更改，其他设备已退出登录。"))
    return redirect("account")


@require_POST
@audience("signed-in")
def end_sittings(request: HttpRequest) -> HttpResponse:
    """One device by its key, or all others."""
    keys = request.POST.getlist("key") or None
    actions.end_sittings(by=actor(request), at=timezone.now(), keys=keys, keep=request.session.session_key or "")
    messages.success(request, _("所选设备已退出登录。"))
    return redirect("account")


@never_cache
@audience("public")
def enrol(request: HttpRequest) -> HttpResponse:
    """Set up the second factor: when signed in, or right after a password where the post asks for it."""
    at = timezone.now()
    waiting = _sitting.waiting(request, at=at)
    who = actor(request)
    account_id = who.account_id or (waiting[0] if waiting else None)
    if account_id is None:
        return redirect("login")
    # Nobody is signed in yet when a post asks for it: the right password stands for them.
    by = who if who.is_signed_in else SYSTEM
    try:
        if request.method != "POST":
            return _enrol(request, account_id, by, {})
        code = request.POST.get("code", "")
        recovery = actions.confirm_second_factor(account_id=account_id, code=code, by=by, at=at)
    except YiwangError as wrong:
        return _enrol(request, account_id, by, {"wrong": wrong}, status=wrong.status)
    if waiting and not who.is_signed_in:
        ways = (*_sitting.waiting_methods(request), Method.TIME_CODE)
        _sitting.start(request, *waiting, by_way_of=ways, at=at)
    return render(
        request, "login/recovery.html", {"codes": recovery, "next": next_of(request) or first_page(actor(request))}
    )


@require_POST
@audience("signed-in")
def remove_second_factor(request: HttpRequest) -> HttpResponse:
    who = actor(request)
    try:
        code = request.POST.get("code", "")
        actions.remove_second_factor(account_id=who.account_id or 0, code=code, by=who, at=timezone.now())
    except YiwangError as wrong:
        return _account(request, {"wrong_factor": wrong}, status=wrong.status)
    messages.success(request, _("动态口令已停用。"))
    return redirect("account")


@never_cache
@audience("signed-in")
def acting(request: HttpRequest) -> HttpResponse:
    """For whom do I act: myself, or somebody who authorised me."""
    at = timezone.now()
    mandates = people_queries.mandates_of(int(request.session[SESSION_KEY]), at=at)
    facts: dict[str, Any] = {"mandates": mandates, "next": next_of(request), "scopes": scopes()}
    if request.method != "POST":
        return render(request, "login/acting.html", facts)
    chosen = request.POST.get("mandate", "")
    try:
        now = _sitting.change_principal(request, int(chosen) if chosen.isdigit() else None, at=at)
    except YiwangError as wrong:
        return render(request, "login/acting.html", facts | {"wrong": wrong}, status=wrong.status)
    return redirect(next_of(request) or first_page(now))


@require_POST
@audience("applicant")
def grant(request: HttpRequest) -> HttpResponse:
    """Let another account act for me until a day."""
    try:
        actions.authorise(
            identifier=request.POST.get("agent", ""),
            scope=request.POST.get("scope", ""),
            ends_on=day_or_none(request.POST.get("ends_on", "")),
            by=actor(request),
            at=timezone.now(),
        )
    except YiwangError as wrong:
        return _account(request, {"wrong_mandate": wrong, "given": request.POST}, status=wrong.status)
    messages.success(request, _("授权已登记，对方登录后即可代您办理。"))
    return redirect("account")


@require_POST
@audience("signed-in")
def revoke(request: HttpRequest, mandate_id: int) -> HttpResponse:
    people.revoke_mandate(mandate_id=mandate_id, by=actor(request), at=timezone.now())
    messages.success(request, _("授权已撤销，即刻生效。"))
    return redirect("account")


@never_cache
@sensitive_post_parameters()
@audience("signed-in")
def confirm(request: HttpRequest) -> HttpResponse:
    """Prove oneself once more, at least to the level that is asked for."""
    who, at = actor(request), timezone.now()
    asked = request.POST.get("level") or request.GET.get("level") or ""
    least = Assurance(int(asked)) if asked in {str(each.value) for each in Assurance} else Assurance.PASSWORD
    facts: dict[str, Any] = {"level": least.value, "next": next_of(request), "ways": _ways(who, least, at)}
    if "hwk" in facts["ways"]:
        facts["asked"] = passkey_question(request, PasskeyUse.CONFIRM, who.account_id, least=least)
    if request.method != "POST":
        return render(request, "login/confirm.html", facts)
    given = request.POST.get("method", "")
    try:
        method = Method(given) if given in set(Method) else Method.PASSWORD
        if method is Method.TEXT_MESSAGE and "secret" not in request.POST:
            code = actions.send_confirmation(by=who, at=at)
            return render(request, "login/confirm.html", facts | {"sent": True, "demo_code": code})
        secret = request.POST.get("secret", "")
        passkey_id = actions.prove_again(method=method, secret=secret, by=who, at=at, site=site_of(request))
    except YiwangError as wrong:
        more = {"wrong": wrong, "wrong_way": given, "sent": given == Method.TEXT_MESSAGE.value}
        return render(request, "login/confirm.html", facts | more, status=wrong.status)
    _sitting.proved_again(request, method, at=at, passkey_id=passkey_id)
    return redirect(next_of(request) or first_page(who))


def _ways(who: Actor, least: Assurance, at: datetime) -> list[str]:
    return [method.value for method in queries.ways_of(who, at=at, least=least)]


def _account(request: HttpRequest, more: dict[str, Any], status: int = 200) -> HttpResponse:
    who, at = actor(request), timezone.now()
    account_id = who.account_id or 0
    given = people_queries.mandates_from(who.party_id) if who.party_id else []
    checked = queries.standing_of(account_id, at=at)
    agents = people_queries.accounts(mandate.agent_id for mandate in given)
    facts: dict[str, Any] = {
        "frame": "desk.html" if who.kind is ActorKind.STAFF else "base.html",
        "party": people_queries.party(who.party_id) if who.party_id else None,
        "sittings": queries.sittings_of(account_id, this=request.session.session_key or "", at=at),
        "has_second_factor": queries.has_second_factor(account_id),
        "passkeys": queries.passkeys_of(account_id),
        "checked": checked,
        "checked_by": orgs.get(checked.org_id).name if checked else "",
        "mandates_given": [(m, agents[m.agent_id].name, m.is_live(timezone.localdate(at))) for m in given],
        "mandates_held": people_queries.mandates_of(account_id, at=at),
        "scopes": scopes(),
        "may_grant": who.kind is ActorKind.RESIDENT,
    }
    return render(request, "login/account.html", facts | more, status=status)


def _enrol(request: HttpRequest, account_id: int, by: Actor, more: dict[str, Any], status: int = 200) -> HttpResponse:
    issuer = design.portal().title
    enrolment = actions.begin_second_factor(account_id=account_id, issuer=issuer, by=by, at=timezone.now())
    facts = {"enrolment": enrolment, "next": next_of(request)}
    return render(request, "login/enrol.html", facts | more, status=status)


def day_or_none(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


urlpatterns = [
    path("account", account, name="account"),
    path("account/history", history, name="account-history"),
    path("account/password", password, name="account-password"),
    path("account/sittings/end", end_sittings, name="account-end-sittings"),
    path("account/second-factor/remove", remove_second_factor, name="account-remove-second-factor"),
    path("account/mandates", grant, name="account-grant"),
    path("account/mandates/<int:mandate_id>/revoke", revoke, name="account-revoke"),
    path("login/enrol", enrol, name="login-enrol"),
    path("login/acting", acting, name="login-acting"),
    path("login/confirm", confirm, name="login-confirm"),
]
