"""Puts the actor on every request, and asks for the CSRF token where a browser's sitting calls the JSON API."""

from collections.abc import Callable
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import CSRF_ALLOWED_CHARS, CSRF_SECRET_LENGTH, CSRF_TOKEN_LENGTH, CsrfViewMiddleware
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from yiwang.kernel.base.contracts import Actor, Denied
from yiwang.kernel.base.http import problem
from yiwang.support.login import _sitting, queries

_BEARER = "Bearer "
_READS = ("GET", "HEAD", "OPTIONS", "TRACE")
_PLACES = bytes.maketrans(CSRF_ALLOWED_CHARS.encode(), bytes(range(len(CSRF_ALLOWED_CHARS))))


class CsrfMissing(Denied):
    code = "login.csrf-missing"


class ActorMiddleware:
    """`request.actor` and how sure that is, found when asked for: by bearer token, else by the browser's sitting."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = cast(Actor, SimpleLazyObject(lambda: _find(request)))  # type: ignore[attr-defined]
        request.find_assurance = lambda: _assurance(request)  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> JsonResponse | None:
        """The JSON API is exempt from Django's own check, for machines; a sitting is not."""
        if request.method in _READS or not getattr(view, "csrf_exempt", False) or _bearer(request):
            return None
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or _has_token(request):
            return None
        wrong = CsrfMissing("请求缺少校验令牌。", hint="请带上 X-CSRFToken,其值见 GET /api/login/whoami。")
        return problem(wrong, instance=request.path)


def _has_token(request: HttpRequest) -> bool:
    """Whether Django's own check, which the API's views are exempt from, lets the request pass."""
    token = request.META.get(settings.CSRF_HEADER_NAME, "")
    if len(token) == CSRF_TOKEN_LENGTH and token.isascii() and token.isalnum():
        request.META[settings.CSRF_HEADER_NAME] = _unmasked(token)
    return _csrf.process_view(request, _not_exempt, (), {}) is None


def _unmasked(token: str) -> str:
    """The secret in a token of the right length: what Django makes of it, which looks for each sign by itself."""
    places = token.encode().translate(_PLACES)
    mask, cipher = places[:CSRF_SECRET_LENGTH], places[CSRF_SECRET_LENGTH:]
    return "".join([CSRF_ALLOWED_CHARS[c - m] for c, m in zip(cipher, mask, strict=True)])


def _not_exempt(request: HttpRequest) -> HttpResponse:
    raise NotImplementedError


_csrf = CsrfViewMiddleware(_not_exempt)


def _find(request: HttpRequest) -> Actor:
    at = timezone.now()
    token = _bearer(request)
    return queries.actor_of_token(token, at=at) if token else _sitting.actor_of(request, at=at)


def _assurance(request: HttpRequest) -> int:
    return 1 if _bearer(request) else queries.proof_of(request, at=timezone.now()).level


def _bearer(request: HttpRequest) -> str:
    header = request.META.get("HTTP_AUTHORIZATION", "")
    return header.removeprefix(_BEARER).strip() if header.startswith(_BEARER) else ""
