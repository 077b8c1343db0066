"""/my/messages/preferences, the link that confirms an address, and the link in a letter that ends letters."""

from collections.abc import Callable
from datetime import time

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from yiwang.kernel.base.contracts import Invalid, YiwangError
from yiwang.kernel.base.http import actor, audience, public_url
from yiwang.support.notify import _preferences, actions
from yiwang.support.notify.contracts import Choices


@never_cache
@require_http_methods(["GET", "POST"])
@audience("applicant")
def preferences(request: HttpRequest) -> HttpResponse:
    """What one wants to be told, how, and when not."""
    by, wrong = actor(request), None
    if request.method == "POST":
        try:
            actions.choose(choices=_said(request, _pairs(request)), by=by, at=timezone.now())
        except Invalid as found:
            wrong = found
        else:
            messages.success(request, _("已保存。"))
            return redirect("messages-preferences")
    facts = {"chosen": _preferences.of(by), "wrong": wrong, "given": request.POST}
    return render(request, "notify/preferences.html", facts, status=422 if wrong else 200)


@require_POST
@audience("applicant")
def email(request: HttpRequest) -> HttpResponse:
    """Take an address, or forget it."""
    by, at = actor(request), timezone.now()

    def give() -> None:
        given = request.POST.get("email", "")
        actions.give_email(email=given, site=public_url(request), by=by, at=at)

    if request.POST.get("drop"):
        return _done(request, lambda: actions.drop_email(by=by, at=at), _("邮箱已删除。"))
    return _done(request, give, _("确认邮件已发出，请在24小时内打开其中的链接。"))


@never_cache
@require_http_methods(["GET", "POST"])
@audience("public")
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """The link of the letter. Reading it changes nothing: programs that look at links are not their reader."""
    facts: dict[str, object] = {"token": token}
    if request.method == "POST":
        facts = _tried(lambda: actions.confirm_email(token=token, by=actor(request), at=timezone.now()))
    return render(request, "notify/confirm_email.html", facts)


@csrf_exempt
@never_cache
@require_http_methods(["GET", "POST"])
@audience("public")
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """No more letters of this kind; mail programs post here by themselves (RFC 8058)."""
    facts: dict[str, object] = {"token": token}
    if request.method == "POST":
        facts = _tried(lambda: actions.stop_letters(token=token, by=actor(request), at=timezone.now()))
    return render(request, "notify/stop.html", facts)


def _tried(act: Callable[[], None]) -> dict[str, object]:
    try:
        act()
    except YiwangError as wrong:
        return {"wrong": wrong}
    return {"is_done": True}


def _done(request: HttpRequest, act: Callable[[], None], word: str) -> HttpResponse:
    try:
        act()
    except YiwangError as wrong:
        places = getattr(wrong, "places", ())
        messages.error(request, " ".join([wrong.message, *(place.message for place in places)]))
    else:
        messages.success(request, word)
    return redirect("messages-preferences")


def _pairs(request: HttpRequest) -> frozenset[tuple[str, str]]:
    """What the form leaves without a tick."""
    on = set(request.POST.getlist("on"))
    shown = _preferences.of(actor(request)).categories
    return frozenset(
        (category.id, channel)
        for category in shown
        for channel, _word, _is_on, is_kept in category.ways
        if not is_kept and f"{category.id}:{channel}" not in on
    )


def _said(request: HttpRequest, off: frozenset[tuple[str, str]]) -> Choices:
    said = request.POST
    return Choices(off, said.get("language", "zh"), _time(said.get("quiet_from")), _time(said.get("quiet_until")))


def _time(text: str | None) -> time | None:
    try:
        return time.fromisoformat(text) if text else None
    except ValueError:
        return None


urlpatterns = [
    path("my/messages/preferences", preferences, name="messages-preferences"),
    path("my/messages/preferences/email", email, name="messages-give-email"),
    path("messages/email/<str:token>", confirm, name="messages-email"),
    path("messages/stop/<str:token>", stop, name="messages-stop"),
]
