"""The way to a client: sign in, the right account, a sure enough proof, consent, and through."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods
from oauthlib.oauth2.rfc6749.errors import FatalClientError, OAuth2Error

from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.http import actor, audience, public_url
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.people import queries as people
from yiwang.kernel.people.contracts import OutOfScope
from yiwang.support.login import queries as login
from yiwang.support.login.contracts import Assurance, Proof
from yiwang.support.oidc import _claims, _scopes, _server, actions, queries
from yiwang.support.oidc._server import Asked, back
from yiwang.support.oidc.contracts import OPENID, Ground

# In the address, signed: when this request first led to a page for proving oneself.
_SINCE = "yw_since"
_SINCE_MAX = timedelta(minutes=30)


@dataclass(frozen=True)
class Caller:
    """Who stands at the way, and how sure that is."""

    who: Actor
    proof: Proof
    audience: str


@never_cache
@require_http_methods(["GET", "POST"])
@audience("public")
def authorize(request: HttpRequest) -> HttpResponse:
    """Where a client sends people; each unmet condition leads to the page that meets it, and back here."""
    issuer = public_url(request)
    try:
        asked = _read(request)
    except FatalClientError as wrong:
        # Nobody knows whose address that is: nothing is sent there.
        return render(request, "oidc/refused.html", {"error": wrong.error}, status=400)
    except OAuth2Error as wrong:
        return _server.refused(wrong, issuer)
    if request.POST.get("answer") == "no":
        return back(asked.redirect_uri, issuer, error="access_denied", state=asked.state)
    unmet = _unmet(request, asked, timezone.now())
    return unmet if unmet is not None else _through(request, asked, issuer)


@never_cache
@require_GET
@audience("public")
def resume(request: HttpRequest) -> HttpResponse:
    """A page between signing in and going on: browsers let no form lead straight to another site."""
    onward = f"{reverse('oidc-authorize')}?{request.META.get('QUERY_STRING', '')}"
    return render(request, "oidc/resume.html", {"onward": onward})


def _read(request: HttpRequest) -> Asked:
    if len(request.META.get("QUERY_STRING", "")) > _server.QUERY_MAX:
        raise FatalClientError(description="too long")
    return _server.read(request)


def _unmet(request: HttpRequest, asked: Asked, at: datetime) -> HttpResponse | None:
    """The answer that leads to the first condition which is not met; None when all are."""
    who = actor(request)
    if not who.is_signed_in:
        return _sign_in(request, asked)
    caller = Caller(who, login.proof_of(request, at=at), _claims.audience_of(who, at=at))
    if not _is_welcome(asked, caller):
        return _not_for_you(request, asked, caller)
    level = max(asked.level, Assurance(asked.client.level), _scopes.level_of(_wanted(asked, caller)))
    if caller.proof.level < level or not _is_fresh(request, asked, caller.proof, at):
        return _step_up(request, asked, level)
    if _needs_consent(request, asked, caller):
        return _ask_consent(request, asked, caller)
    return None


def _sign_in(request: HttpRequest, asked: Asked) -> HttpResponse:
    if "none" in asked.prompt:
        return back(asked.redirect_uri, public_url(request), error="login_required", state=asked.state)
    door = asked.client.audiences[0] if len(asked.client.audiences) == 1 else "person"
    return redirect(f"{reverse(settings.LOGIN_URL)}?{urlencode({'as': str(door), 'next': _resume(request)})}")


def _is_welcome(asked: Asked, caller: Caller) -> bool:
    try:
        people.require_scope(caller.who, f"client.{asked.client.client_id}")
    except OutOfScope:
        return False
    return caller.audience in asked.client.audiences


def _not_for_you(request: HttpRequest, asked: Asked, caller: Caller) -> HttpResponse:
    issuer = public_url(request)
    if "none" in asked.prompt:
        return back(asked.redirect_uri, issuer, error="interaction_required", state=asked.state)
    leave = back(asked.redirect_uri, issuer, error="access_denied", state=asked.state)["Location"]
    held = people.mandates_of(caller.who.account_id or 0, at=timezone.now())
    acting = f"{reverse('login-acting')}?{urlencode({'next': _resume(request)})}"
    facts = {"client": asked.client, "leave": leave, "acting": acting if held or caller.who.mandate_id else ""}
    return render(request, "oidc/not_for_you.html", facts, status=403)


def _step_up(request: HttpRequest, asked: Asked, level: int) -> HttpResponse:
    if "none" in asked.prompt:
        return back(asked.redirect_uri, public_url(request), error="login_required", state=asked.state)
    return redirect(f"{reverse('login-confirm')}?{urlencode({'level': str(int(level)), 'next': _resume(request)})}")


def _is_fresh(request: HttpRequest, asked: Asked, proof: Proof, at: datetime) -> bool:
    if asked.max_age is not None and at - proof.proved_at > timedelta(seconds=asked.max_age):
        # Of max_age=0 nothing is ever young enough: what was proved since the client asked, is.
        return _proved_since(request, proof)
    if asked.prompt & {"login", "select_account"}:
        return _proved_since(request, proof)
    return True


def _proved_since(request: HttpRequest, proof: Proof) -> bool:
    since = _since(request)
    return since is not None and proof.proved_at >= since


def _since(request: HttpRequest) -> datetime | None:
    try:
        text = TimestampSigner(salt=_SINCE).unsign(request.GET.get(_SINCE, ""), max_age=_SINCE_MAX)
        return datetime.fromisoformat(text)
    except (BadSignature, ValueError):
        return None


def _wanted(asked: Asked, caller: Caller) -> list[str]:
    return _scopes.for_audience(asked.scopes, caller.audience)


def _needs_consent(request: HttpRequest, asked: Asked, caller: Caller) -> bool:
    if asked.client.ground == Ground.DUTY.value or request.POST.get("answer") == "yes":
        return False
    new = set(_wanted(asked, caller)) - {OPENID} - queries.consented(asked.client.pk, caller.who)
    return bool(new) or "consent" in asked.prompt or not queries.has_consent(asked.client.pk, caller.who)


def _ask_consent(request: HttpRequest, asked: Asked, caller: Caller) -> HttpResponse:
    if "none" in asked.prompt:
        return back(asked.redirect_uri, public_url(request), error="consent_required", state=asked.state)
    wanted = _wanted(asked, caller)
    values = queries.shown(caller.who, wanted)
    rows = [
        (scope, [(title, values.get(name), _claims.CLAIMS[name].mask) for name, title in scope.claims])
        for scope in _scopes.named(wanted)
        if scope.id != OPENID
    ]
    facts = {
        "client": asked.client,
        "owner": orgs.get(asked.client.org_id),
        "rows": rows,
        "as": _as(caller),
        "host": urlsplit(asked.redirect_uri).netloc,
    }
    response = render(request, "oidc/consent.html", facts)
    return may_lead_to(response, asked.redirect_uri)


def _as(caller: Caller) -> str:
    mandate_id = _claims.firm_mandate(caller.who)
    return people.mandate(mandate_id).principal_name if mandate_id else _("您本人")


def _through(request: HttpRequest, asked: Asked, issuer: str) -> HttpResponse:
    who, at = actor(request), timezone.now()
    caller = Caller(who, login.proof_of(request, at=at), _claims.audience_of(who, at=at))
    scopes = _wanted(asked, caller)
    if asked.client.ground == Ground.CONSENT.value and request.method == "POST":
        actions.consent(client_id=asked.client.pk, scopes=scopes, by=who, at=at)
    location = actions.let_through(asked=asked, scopes=scopes, proof=caller.proof, issuer=issuer, by=who, at=at)
    return back(location, issuer)


def _resume(request: HttpRequest) -> str:
    """Back to this request, which says since when it waits: who proves themselves after that did so for it."""
    query = request.GET.copy()
    if _since(request) is None:
        query[_SINCE] = TimestampSigner(salt=_SINCE).sign(timezone.now().isoformat())
    return f"{reverse('oidc-resume')}?{query.urlencode()}"


def may_lead_to(response: HttpResponse, address: str) -> HttpResponse:
    """Let this page's form end at the client: its answer is a redirect there."""
    parts = urlsplit(address)
    response._csp_update = {"form-action": [f"{parts.scheme}://{parts.netloc}"]}  # type: ignore[attr-defined]
    return response


urlpatterns = [
    path("oidc/authorize", authorize, name="oidc-authorize"),
    path("oidc/resume", resume, name="oidc-resume"),
]
