"""The edge between a browser, our proxy and the site: what surrounds every answer, and who need not wait in vain."""

import time
from collections.abc import Callable
from threading import Lock
from typing import Any

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.contrib.messages.storage import default_storage
from django.contrib.messages.storage.base import BaseStorage
from django.contrib.sessions.middleware import SessionMiddleware
from django.db import Error as DatabaseError
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.csrf import CsrfViewMiddleware
from django.middleware.security import SecurityMiddleware
from django.utils.cache import patch_vary_headers
from django.utils.functional import SimpleLazyObject
from django.utils.translation import activate, get_language_from_request

from yiwang.kernel.design.middleware import unavailable

Next = Callable[[HttpRequest], HttpResponse]
# Whoever waited longer than this in vain has learnt something that others need not learn again.
_IN_VAIN_SECONDS = 5.0
_FILES = "/static/"
_WITHOUT_DATABASE = ("/healthz", _FILES)
_OWN_POLICY = frozenset({"_csp_config", "_csp_update", "_csp_replace", "_csp_exempt"})


class Edge:
    """The outermost layer, for what is served from disk too: whose address counts, what is kept where, and what every answer says.

    What Django's own layers and the policy say in every answer is asked of them once; each layer costs more than what it does.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response
        self._policy = CSPMiddleware(get_response)
        self._always: dict[tuple[bool, bool], tuple[tuple[str, str], ...]] = {}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        _put_client_address(request)
        response = self.get_response(request)
        is_file = request.path.startswith(_FILES)
        if not is_file:
            _keep_nothing(request, response)
            if not _OWN_POLICY.isdisjoint(vars(response)):
                self._policy.process_response(request, response)
        which = (request.is_secure(), is_file)
        for name, value in self._always.get(which) or self._always.setdefault(which, _said_always(request, is_file)):
            put(response, name, value)
        return response


def put(response: HttpResponseBase, name: str, value: str) -> None:
    """A header in plain letters, unless the answer has it; Django looks at every sign of both."""
    response.headers._store.setdefault(name.lower(), (name, value))


def _said_always(request: HttpRequest, is_file: bool) -> tuple[tuple[str, str], ...]:
    answer = HttpResponse()
    del answer.headers["Content-Type"]
    SecurityMiddleware(_nobody).process_response(request, answer)
    if not is_file:
        XFrameOptionsMiddleware(_nobody).process_response(request, answer)
        answer.headers[HEADER] = build_policy()
    return tuple(answer.headers.items())


def _nobody(request: HttpRequest) -> HttpResponse:
    raise NotImplementedError


def _put_client_address(request: HttpRequest) -> None:
    """Puts the caller's address into REMOTE_ADDR, so that limits count visitors and not the proxy.

    It is what our own proxy wrote last; what the caller wrote before it is not believed.
    """
    told = request.META.get("HTTP_X_FORWARDED_FOR", "")
    if settings.BEHIND_TLS and told:
        request.META["REMOTE_ADDR"] = told.rsplit(",", 1)[-1].strip()


def _keep_nothing(request: HttpRequest, response: HttpResponse) -> None:
    """What is shown to somebody who is signed in stays in no cache, and signing out empties the browser's."""
    if settings.SESSION_COOKIE_NAME in request.COOKIES or "HTTP_AUTHORIZATION" in request.META:
        put(response, "Cache-Control", "private, no-store")
    if request.method == "POST" and request.resolver_match and request.resolver_match.view_name == "logout":
        response["Clear-Site-Data"] = '"cache", "storage"'


class Visit(SessionMiddleware):
    """A visitor's sitting, language, CSRF cookie and messages: what Django does in four layers, messages only where somebody looks."""

    def __init__(self, get_response: Next) -> None:
        super().__init__(get_response)
        self._answered = get_response
        self._csrf = CsrfViewMiddleware(get_response)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        self.process_request(request)
        language = get_language_from_request(request)
        activate(language)
        request.LANGUAGE_CODE = language
        self._csrf.process_request(request)
        opened = _messages_when_asked_for(request)
        response = self._answered(request)
        for messages in opened:
            messages.update(response)
        self._csrf.process_response(request, response)
        put(response, "Content-Language", language)
        return self._kept(request, response)

    def process_view(self, request: HttpRequest, *view: Any) -> HttpResponseBase | None:
        return self._csrf.process_view(request, *view)

    def _kept(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Keep the sitting if it has changed; say on what the answer depends."""
        session = request.session
        patch_vary_headers(response, ("Accept-Language", "Cookie") if session.accessed else ("Accept-Language",))
        if session.modified or session.is_empty():
            self.process_response(request, response)
        return response


def _messages_when_asked_for(request: HttpRequest) -> list[BaseStorage]:
    """Gives the request its messages, and lists them once somebody has looked."""
    opened: list[BaseStorage] = []

    def find() -> BaseStorage:
        opened.append(default_storage(request))
        return opened[0]

    request._messages = SimpleLazyObject(find)  # type: ignore[attr-defined]
    return opened


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
