"""Turns errors into pages that say what happened, what to do, and under which number we can find it."""

import logging
import secrets
import sys
from collections.abc import Callable

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext

from yiwang.kernel.base.contracts import ANONYMOUS, YiwangError
from yiwang.kernel.base.http import DISK_FULL, outage, patient, problem
from yiwang.kernel.base.shapes import is_storable, unkeepable
from yiwang.kernel.design import queries
from yiwang.kernel.design.context import FACE_COOKIE, portal_last_shown

logger = logging.getLogger(__name__)
SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


class ErrorPages:
    """Answers a YiwangError as a page or a problem document, anything else as 500 with a reference."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: object) -> HttpResponse | None:
        return None if is_storable(request) else _told(request, unkeepable())

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, YiwangError):
            return _told(request, error)
        if isinstance(error, Http404 | PermissionDenied):
            return None
        return _unexpected(request, error)


def failed(request: HttpRequest) -> HttpResponse:
    """The site's handler500: what broke outside of any view, such as keeping the sitting. Asks the database nothing."""
    return _unexpected(request, sys.exc_info()[1])


def unavailable(request: HttpRequest, error: BaseException | None) -> HttpResponse | None:
    """What to answer when the database or the disk is why it failed; None for any other error."""
    told = outage(error)
    if told is None:
        return None
    logger.warning(told.code, extra={"reference": type(error).__name__})
    answer = _away(request, told)
    answer.is_outage = True  # type: ignore[attr-defined]
    return answer


def _unexpected(request: HttpRequest, error: BaseException | None) -> HttpResponse:
    sorry = unavailable(request, error)
    if sorry:
        return sorry
    reference = "".join(secrets.choice(SIGNS) for _ in range(8))
    logger.exception("unexpected error", extra={"reference": reference}, exc_info=error)
    return _failed(request, reference)


def _told(request: HttpRequest, error: YiwangError) -> HttpResponse:
    if _wants_json(request):
        return problem(error, instance=request.path)
    facts = {"heading": error.title, "message": error.message, "hint": error.hint}
    body = render_to_string("design/_error.html", facts, request)
    return patient(HttpResponse(body, status=error.status), error)


def _away(request: HttpRequest, error: YiwangError) -> HttpResponse:
    """Without the request's context: who asks, messages and menus would ask the database again."""
    if _wants_json(request):
        return problem(error, instance=request.path)
    face = "elder" if request.COOKIES.get(FACE_COOKIE) == "elder" else "standard"
    facts = {"portal": portal_last_shown(), "actor": ANONYMOUS, "face": face, "addresses": queries.addresses()}
    if error.code == DISK_FULL:
        facts |= {"message": gettext(error.message), "hint": gettext(error.hint)}
    return patient(HttpResponse(render_to_string("503.html", facts), status=error.status), error)


def _failed(request: HttpRequest, reference: str) -> HttpResponse:
    if _wants_json(request):
        sorry = YiwangError(f"系统出了问题，编号 {reference}。", hint="请稍后再试。", code="yiwang.unexpected")
        sorry.status = 500
        return problem(sorry, instance=request.path)
    return HttpResponse(render_to_string("500.html", {"reference": reference}, request), status=500)


def _wants_json(request: HttpRequest) -> bool:
    return request.path.startswith("/api/") or (
        request.accepts("application/json") and not request.accepts("text/html")
    )
