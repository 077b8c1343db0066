"""Measures each request and opens its span: by the route's pattern, never by the address that was asked for."""

import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from yiwang.kernel.base.measures import REQUESTS
from yiwang.site.watch import tracing

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Measured:
    """Stands outermost, so that it sees what every other layer took."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        begun = time.perf_counter()
        method = request.method if request.method in METHODS else "other"
        with tracing.request_span(str(method), request.META.get("HTTP_TRACEPARENT", "")) as span:
            response = self.get_response(request)
            route = _route(request)
            span.end(route, response.status_code)
        status = f"{response.status_code // 100}xx"
        REQUESTS.labels(route=route, method=method, status=status).observe(time.perf_counter() - begun)
        return response


def _route(request: HttpRequest) -> str:
    match = request.resolver_match
    if match is not None:
        return f"/{match.route}"
    return "static" if request.path.startswith("/static/") else "none"
