"""The page of one's passkeys: adding one by this browser, naming, removing."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from yiwang.kernel.base.contracts import ActorKind, YiwangError
from yiwang.kernel.base.http import actor, audience
from yiwang.support.login import actions, queries
from yiwang.support.login._asking import site_of
from yiwang.support.login._devices import describe
from yiwang.support.login.contracts import NoPasskeysHere, NotSureEnough


@never_cache
@sensitive_post_parameters()
@audience("signed-in")
def passkeys(request: HttpRequest) -> HttpResponse:
    """One's passkeys; by POST the key that this browser just made."""
    if request.method != "POST":
        return _passkeys(request, None)
    at = timezone.now()
    try:
        actions.add_passkey(
            answer=request.POST.get("answer", ""),
            name=request.POST.get("name", ""),
            site=site_of(request),
            proof=queries.proof_of(request, at=at),
            by=actor(request),
            at=at,
        )
    except YiwangError as wrong:
        return _passkeys(request, wrong)
    messages.success(request, _("通行密钥已添加，下次可以用它登录。"))
    return redirect("account-passkeys")


@require_POST
@audience("signed-in")
def rename(request: HttpRequest, passkey_id: int) -> HttpResponse:
    try:
        name = request.POST.get("name", "")
        actions.rename_passkey(passkey_id=passkey_id, name=name, by=actor(request), at=timezone.now())
    except YiwangError as wrong:
        return _passkeys(request, wrong)
    messages.success(request, _("名称已更改。"))
    return redirect("account-passkeys")


@require_POST
@audience("signed-in")
def remove(request: HttpRequest, passkey_id: int) -> HttpResponse:
    try:
        actions.remove_passkey(passkey_id=passkey_id, by=actor(request), at=timezone.now())
    except YiwangError as wrong:
        return _passkeys(request, wrong)
    messages.success(request, _("通行密钥已移除，不能再用它登录。设备上存的那一份请在设备设置中删除。"))
    return redirect("account-passkeys")


def _passkeys(request: HttpRequest, wrong: YiwangError | None) -> HttpResponse:
    who = actor(request)
    facts: dict[str, Any] = {
        "frame": "desk.html" if who.kind is ActorKind.STAFF else "base.html",
        "passkeys": queries.passkeys_of(who.account_id or 0),
        "suggested": describe(request.headers.get("User-Agent", "")),
        "wrong": wrong,
    }
    return render(request, "login/passkeys.html", facts | _question(request), status=wrong.status if wrong else 200)


def _question(request: HttpRequest) -> dict[str, Any]:
    """What the browser is asked in order to make a key, or where to confirm first, or why it cannot."""
    at = timezone.now()
    try:
        proof = queries.proof_of(request, at=at)
        return {"asked": queries.creation_options(site=site_of(request), proof=proof, by=actor(request), at=at)}
    except NotSureEnough as unsure:
        there = {"level": unsure.level.value, "next": reverse("account-passkeys")}
        return {"confirm": f"{reverse('login-confirm')}?{urlencode(there)}"}
    except NoPasskeysHere as why:
        return {"cannot": why}


urlpatterns = [
    path("account/passkeys", passkeys, name="account-passkeys"),
    path("account/passkeys/<int:passkey_id>/rename", rename, name="account-passkey-rename"),
    path("account/passkeys/<int:passkey_id>/remove", remove, name="account-passkey-remove"),
]
