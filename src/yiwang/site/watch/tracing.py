"""Traces by OpenTelemetry, only where OTEL_EXPORTER_OTLP_ENDPOINT is set. Attributes are ours alone: route, method, status, kind of statement."""

import contextlib
import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from django.db.backends.signals import connection_created
from opentelemetry import propagate, trace
from opentelemetry.trace import SpanKind, Status, StatusCode

ENDPOINT = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

# What a statement begins with; anything else would show what was asked.
_VERBS = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "COPY", "SAVEPOINT", "RELEASE", "ROLLBACK", "SET"})
_tracer: trace.Tracer | None = None


def start(program: str) -> "TracerProvider | None":
    """Send this process's spans to the collector; in a forked worker, after the fork, because it starts a thread."""
    if not any(os.environ.get(name) for name in ENDPOINT):
        return None
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    return use(program, BatchSpanProcessor(OTLPSpanExporter()))


def use(program: str, processor: Any) -> "TracerProvider":
    """Hand the spans of this process to a processor and follow every statement to the database."""
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider

    global _tracer
    provider = TracerProvider(resource=Resource.create({"service.name": "yiwang", "service.instance.id": program}))
    provider.add_span_processor(processor)
    _tracer = provider.get_tracer("yiwang")
    connection_created.connect(_follow, dispatch_uid="yiwang.tracing")
    return provider


class RequestSpan:
    """The span of a request, named when it is known which route answered."""

    def __init__(self, span: trace.Span | None, method: str) -> None:
        self._span, self._method = span, method

    def end(self, route: str, status: int) -> None:
        """Name it by route and status."""
        if self._span is None:
            return
        self._span.update_name(f"{self._method} {route}")
        self._span.set_attributes(
            {"http.request.method": self._method, "http.route": route, "http.response.status_code": status}
        )
        if status >= 500:
            self._span.set_status(Status(StatusCode.ERROR))


@contextlib.contextmanager
def request_span(method: str, traceparent: str) -> Iterator[RequestSpan]:
    """Open a span for a request, below the caller's when it sent a traceparent; none where nobody collects them."""
    if _tracer is None:
        yield RequestSpan(None, method)
        return
    caller = propagate.extract({"traceparent": traceparent})
    with _tracer.start_as_current_span(
        method, context=caller, kind=SpanKind.SERVER, record_exception=False, set_status_on_exception=False
    ) as span:
        yield RequestSpan(span, method)


def _follow(connection: Any, **_: Any) -> None:
    if _traced not in connection.execute_wrappers:
        connection.execute_wrappers.append(_traced)


def _traced(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
    if _tracer is None:
        return execute(sql, params, many, context)
    word = str(sql).split(None, 1)[0].upper() if str(sql).strip() else ""
    verb = word if word in _VERBS else "other"
    attributes = {"db.system.name": "postgresql", "db.operation.name": verb}
    # The message of a refused statement quotes the row.
    with _tracer.start_as_current_span(
        verb, kind=SpanKind.CLIENT, attributes=attributes, record_exception=False, set_status_on_exception=False
    ):
        return execute(sql, params, many, context)
