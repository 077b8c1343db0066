"""The edge between a browser, our proxy and the site: whose address counts, and what no cache may keep."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

Next = Callable[[HttpRequest], HttpResponse]


class ClientAddress:
    """Puts the caller's address into REMOTE_ADDR, so that limits count visitors and not the proxy.

    It is what our own proxy wrote last; what the caller wrote before it is not believed.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        told = request.headers.get("X-Forwarded-For", "")
        if settings.BEHIND_TLS and told:
            request.META["REMOTE_ADDR"] = told.rsplit(",", 1)[-1].strip()
        return self.get_response(request)


class NothingKept:
    """What is shown to somebody who is signed in stays in no cache, and signing out empties the browser's."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_somebody = settings.SESSION_COOKIE_NAME in request.COOKIES or "Authorization" in request.headers
        if is_somebody and not response.has_header("Cache-Control") and not request.path.startswith("/static/"):
            response["Cache-Control"] = "private, no-store"
        if request.method == "POST" and request.resolver_match and request.resolver_match.view_name == "logout":
            response["Clear-Site-Data"] = '"cache", "storage"'
        return response
