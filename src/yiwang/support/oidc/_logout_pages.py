"""Signing out at a client's wish (OpenID Connect RP-Initiated Logout 1.0)."""

from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from yiwang.kernel.base.http import actor, audience
from yiwang.support.login import actions as login_actions
from yiwang.support.login import queries as login
from yiwang.support.oidc import queries
from yiwang.support.oidc._authorize_pages import may_lead_to
from yiwang.support.oidc.models import Client, Visit

FIELDS = ("id_token_hint", "client_id", "post_logout_redirect_uri", "state")


@dataclass(frozen=True)
class Wish:
    """What a client asked for: whose visit, and where to go afterwards."""

    client: Client | None
    visit: Visit | None
    onward: str
    is_wrong: bool


@csrf_exempt
@never_cache
@require_http_methods(["GET", "POST"])
@audience("public")
def logout(request: HttpRequest) -> HttpResponse:
    """Sign out at once when the client shows a token of this very sitting; else ask."""
    wish = _read(request)
    if wish.is_wrong:
        return render(request, "oidc/refused.html", {"error": "invalid_request"}, status=400)
    at, who = timezone.now(), actor(request)
    if not who.is_signed_in:
        return _onward(request, wish)
    if wish.visit is not None and wish.visit.mark and wish.visit.mark == login.proof_of(request, at=at).mark:
        login_actions.close_sitting(request=request, by=who, at=at)
        return _onward(request, wish)
    asked = [(name, _given(request, name)) for name in FIELDS]
    response = render(request, "oidc/sign_out.html", {"client": wish.client, "asked": asked})
    return may_lead_to(response, wish.onward) if wish.onward else response


@never_cache
@require_POST
@audience("public")
def confirmed(request: HttpRequest) -> HttpResponse:
    """The person said so."""
    wish = _read(request)
    if wish.is_wrong:
        return render(request, "oidc/refused.html", {"error": "invalid_request"}, status=400)
    if actor(request).is_signed_in:
        login_actions.close_sitting(request=request, by=actor(request), at=timezone.now())
    return _onward(request, wish)


def _read(request: HttpRequest) -> Wish:
    at = timezone.now()
    hint, named, onward = (_given(request, name) for name in FIELDS[:3])
    visit = queries.visit_of_hint(hint, at=at)
    client = visit.client if visit else queries.find_client(named)
    is_mixed = bool(hint and visit is None) or bool(visit and named and visit.client.client_id != named)
    is_strange = bool(onward) and (client is None or not client.post_logout_redirect_uri_allowed(onward))
    state = _given(request, "state")
    if onward and state:
        onward += ("&" if urlsplit(onward).query else "?") + urlencode({"state": state})
    return Wish(client, visit, onward, is_mixed or is_strange)


def _given(request: HttpRequest, name: str) -> str:
    return request.POST.get(name) or request.GET.get(name) or ""


def _onward(request: HttpRequest, wish: Wish) -> HttpResponse:
    if wish.onward:
        return HttpResponse(status=302, headers={"Location": wish.onward})
    return render(request, "oidc/signed_out.html")


urlpatterns = [
    path("oidc/logout", logout, name="oidc-logout"),
    path("oidc/logout/confirmed", confirmed, name="oidc-logout-confirmed"),
]
