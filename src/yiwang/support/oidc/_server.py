"""The door to oauthlib: one server, and Django's requests in its words."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.http import HttpRequest, HttpResponse
from oauthlib.oauth2.rfc6749.errors import InvalidRequestError, OAuth2Error

from yiwang.support.login.contracts import Assurance
from yiwang.support.oidc.contracts import LEVELS
from yiwang.support.oidc.models import Client

FORM = "application/x-www-form-urlencoded"
# A request that is longer was not made by a client of ours.
QUERY_MAX, BODY_MAX = 8_000, 16_000
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True)
class Asked:
    """A client's checked wish that somebody signs in."""

    client: Client
    scopes: list[str]
    redirect_uri: str
    state: str
    prompt: frozenset[str]
    max_age: int | None
    level: Assurance
    uri: str


@cache
def server() -> Any:
    """oauthlib's OpenID server over our validator, with tokens of 256 random bits."""
    from oauth2_provider.oauth2_backends import get_oauthlib_core

    return get_oauthlib_core().server


def read(request: HttpRequest) -> Asked:
    """Raises oauthlib's FatalClientError (nowhere to go back to) and OAuth2Error (to be told to the client)."""
    scopes, found = server().validate_authorization_request(request.get_full_path(), "GET", None, {})
    asked = found["request"]
    if asked.code_challenge_method != "S256" or not _CHALLENGE.fullmatch(asked.code_challenge):
        raise InvalidRequestError(description="code_challenge_method must be S256", request=asked)
    return Asked(
        client=asked.client,
        scopes=list(scopes),
        redirect_uri=asked.redirect_uri,
        state=asked.state or "",
        prompt=frozenset(request.GET.get("prompt", "").split()),
        max_age=_seconds(request.GET.get("max_age", "")),
        level=_level(request.GET.get("acr_values", "")),
        uri=request.get_full_path(),
    )


def back(redirect_uri: str, issuer: str, **answer: str) -> HttpResponse:
    """Back to the client with an answer, and who gives it (RFC 9207)."""
    parts = urlsplit(redirect_uri)
    told = {name: value for name, value in answer.items() if value}
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *told.items(), ("iss", issuer)])
    return HttpResponse(status=302, headers={"Location": urlunsplit(parts._replace(query=query))})


def refused(wrong: OAuth2Error, issuer: str) -> HttpResponse:
    return back(
        wrong.redirect_uri, issuer, error=wrong.error, error_description=wrong.description, state=wrong.state or ""
    )


def parts_of(request: HttpRequest) -> tuple[str, str, str, dict[str, str]]:
    """Address, method, body and headers as oauthlib wants them."""
    headers = {"Content-Type": FORM}
    if authorization := request.headers.get("Authorization", ""):
        headers |= {"Authorization": authorization, "HTTP_AUTHORIZATION": authorization}
    return request.get_full_path(), request.method or "", request.body.decode("ascii", "replace"), headers


def answer(found: tuple[dict[str, str], str | None, int]) -> HttpResponse:
    """oauthlib's answer, never kept by anybody on the way."""
    headers, body, status = found
    response = HttpResponse(body or "", status=status, content_type="application/json")
    for name in headers.keys() - {"Content-Type"}:
        response[name] = headers[name]
    response["Cache-Control"], response["Pragma"] = "no-store", "no-cache"
    return response


def _seconds(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 9 else None


def _level(text: str) -> Assurance:
    """The lowest of the levels that the client would take; of names that are not ours nothing is asked."""
    return min((LEVELS[name] for name in text.split() if name in LEVELS), default=Assurance.PASSWORD)
