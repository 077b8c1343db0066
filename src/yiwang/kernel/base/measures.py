"""What is counted for the operator: every label takes one of few values that the code or the packs name, never a person's."""

from functools import partial

from django.db import transaction
from prometheus_client import Counter, Histogram

REQUESTS = Histogram(
    "yiwang_request_seconds",
    "How long requests took, by route, method and class of status.",
    ("route", "method", "status"),
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
EVENTS = Counter("yiwang_events", "What has happened: cases opened, closed, overdue and so on.", ("event",))
OUTSIDE = Counter("yiwang_outside_calls", "Calls to outside systems by how they ended.", ("system", "ended"))


def count_event(name: str) -> None:
    """Count an event once its transaction has committed."""
    transaction.on_commit(partial(EVENTS.labels(event=name).inc))


def count_outside(system: str, ended: str) -> None:
    """Count one call to an outside system: sent, later, refused or unreachable."""
    OUTSIDE.labels(system=system, ended=ended).inc()
