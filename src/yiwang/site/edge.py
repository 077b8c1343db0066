"""The edge between a browser, our proxy and the site: whose address counts, what no cache may keep, who need not wait in vain."""

import time
from collections.abc import Callable
from functools import cached_property
from threading import Lock

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from yiwang.kernel.design.middleware import unavailable

Next = Callable[[HttpRequest], HttpResponse]
# Whoever waited longer than this in vain has learnt something that others need not learn again.
_IN_VAIN_SECONDS = 5.0
_WITHOUT_DATABASE = ("/healthz", "/static/")
_OWN_POLICY = frozenset({"_csp_config", "_csp_update", "_csp_replace", "_csp_exempt"})


class ClientAddress:
    """Puts the caller's address into REMOTE_ADDR, so that limits count visitors and not the proxy.

    It is what our own proxy wrote last; what the caller wrote before it is not believed.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        told = request.META.get("HTTP_X_FORWARDED_FOR", "")
        if settings.BEHIND_TLS and told:
            request.META["REMOTE_ADDR"] = told.rsplit(",", 1)[-1].strip()
        return self.get_response(request)


class NothingKept:
    """What is shown to somebody who is signed in stays in no cache, and signing out empties the browser's."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_somebody = settings.SESSION_COOKIE_NAME in request.COOKIES or "HTTP_AUTHORIZATION" in request.META
        if is_somebody and not response.has_header("Cache-Control") and not request.path.startswith("/static/"):
            response["Cache-Control"] = "private, no-store"
        if request.method == "POST" and request.resolver_match and request.resolver_match.view_name == "logout":
            response["Clear-Site-Data"] = '"cache", "storage"'
        return response


class SitePolicy(CSPMiddleware):
    """The site's Content-Security-Policy, put together once and not for every answer; a page that changes it gets its own."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not _OWN_POLICY.isdisjoint(vars(response)):
            return super().process_response(request, response)
        response.headers.setdefault(HEADER, self._usual)
        return response

    @cached_property
    def _usual(self) -> str:
        return build_policy()


class ToldAtOnce:
    """While the database is away one visitor at a time finds out whether it is back; all others are told at once.

    Otherwise every thread of the process would wait, and not even `/healthz` would be answered.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response
        self._is_away = False
        self._finding_out = Lock()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if self._is_away and not request.path.startswith(_WITHOUT_DATABASE):
            lost = self._find_out()
            sorry = unavailable(request, lost)
            if sorry:
                return sorry
        begun = time.monotonic()
        response = self.get_response(request)
        if getattr(response, "is_outage", False) and time.monotonic() - begun > _IN_VAIN_SECONDS:
            self._is_away = True
        return response

    def _find_out(self) -> Exception | None:
        if not self._finding_out.acquire(blocking=False):
            return OperationalError("somebody is finding out")
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            self._is_away = False
        except DatabaseError as lost:
            return lost
        finally:
            self._finding_out.release()
        return None
