"""The clerk's page of checking somebody at the counter, and taking a check back."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor, ActorKind, YiwangError
from yiwang.kernel.base.http import actor, audience
from yiwang.support.login import actions, kinds, queries
from yiwang.support.login.contracts import ToCheck

CHECK = "login.check-identity"


@never_cache
@sensitive_post_parameters()
@audience("staff")
def counter_check(request: HttpRequest) -> HttpResponse:
    """First who stands in front, then the keys that they point out."""
    who, at = actor(request), timezone.now()
    at_org = _counter_of(who)
    given = {name: request.POST.get(name, "") for name in ("name", "id_number")}
    if request.method != "POST":
        return _page(request, None, None)
    found: ToCheck | None = None
    try:
        found = queries.to_check(at_org=at_org, **given, by=who, at=at)
        if "check" not in request.POST:
            return _page(request, found, None)
        chosen = [int(each) for each in request.POST.getlist("passkeys") if each.isdigit()]
        document = request.POST.get("document", "")
        actions.check_at_counter(at_org=at_org, **given, document=document, passkeys=chosen, by=who, at=at)
    except YiwangError as wrong:
        return _page(request, found, wrong)
    messages.success(request, "核验已登记，本人在“我的账号”看得到。")
    return redirect("desk-counter-check")


@require_POST
@audience("signed-in")
def revoke(request: HttpRequest, check_id: int) -> HttpResponse:
    """By the person on their account's page, or by a clerk at the counter."""
    who = actor(request)
    actions.revoke_counter_check(check_id=check_id, by=who, at=timezone.now())
    messages.success(request, _("窗口核验已撤销，即刻生效。"))
    return redirect("desk-counter-check" if who.kind is ActorKind.STAFF else "account")


def _counter_of(who: Actor) -> int:
    places = [post.org_id for post in who.posts if access.may(who, CHECK, post.org_id)]
    if not places:
        access.require(who, CHECK, at_org=0)
    return places[0]


def _page(request: HttpRequest, found: ToCheck | None, wrong: YiwangError | None) -> HttpResponse:
    rule = kinds.policy()
    facts: dict[str, Any] = {
        "found": found,
        "wrong": wrong,
        "given": request.POST,
        "documents": [(each.id, each.title) for each in rule.documents] if rule else [],
        "keys": [(key.id, key.name) for key in found.passkeys] if found else [],
        "chosen": request.POST.getlist("passkeys"),
    }
    return render(request, "login/counter_check.html", facts, status=wrong.status if wrong else 200)


urlpatterns = [
    path("desk/counter-check", counter_check, name="desk-counter-check"),
    path("account/counter-check/<int:check_id>/revoke", revoke, name="account-counter-check-revoke"),
]
