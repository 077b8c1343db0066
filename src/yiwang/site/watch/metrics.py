"""Figures in Prometheus' format: what all processes counted, and what the database says at the moment of asking."""

import os
from collections.abc import Iterator

from django.db import Error as DatabaseError
from django.db import connection
from django.utils import timezone
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector

from yiwang.kernel.base import outbox
from yiwang.kernel.ledger import queries as ledger
from yiwang.site.watch import readiness

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
CONTENT_TYPE = CONTENT_TYPE_LATEST
_DEPTH = (
    "SELECT queue_name, status::text, count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing') GROUP BY 1, 2"
)


def exposition() -> bytes:
    """Everything as text."""
    own = CollectorRegistry()
    own.register(_State())
    if os.environ.get(FOLDER):
        MultiProcessCollector(own)  # type: ignore[no-untyped-call]
        return generate_latest(own)
    return generate_latest(own) + generate_latest(REGISTRY)


class _State:
    """What is read at the moment of asking."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield GaugeMetricFamily("yiwang_disk_free_bytes", "Room for data.", value=readiness.free_bytes())
        try:
            yield from self._records()
        except DatabaseError:
            yield GaugeMetricFamily("yiwang_database_up", "Whether the database answers.", value=0)

    def _records(self) -> Iterator[GaugeMetricFamily]:
        at = timezone.now()
        depth = GaugeMetricFamily("yiwang_queue_jobs", "Jobs that wait or run.", labels=("queue", "status"))
        with connection.cursor() as cursor:
            cursor.execute(_DEPTH)
            for queue, status, count in cursor.fetchall():
                depth.add_metric((queue, status), count)
        depth.add_metric(("outbox", "todo"), outbox.waiting()[0])
        waiting = ledger.waiting()
        lags = GaugeMetricFamily("yiwang_lag_seconds", "How long the oldest waiting thing has waited.", labels=("of",))
        for of, lag in (
            ("queue", readiness.queue_lag),
            ("sequencer", readiness.sequencer_lag),
            ("clock", readiness.clock_lag),
        ):
            lags.add_metric((of,), lag(at).total_seconds())
        yield depth
        yield lags
        yield GaugeMetricFamily("yiwang_ledger_waiting", "Leaves without a number.", value=waiting)
        yield GaugeMetricFamily("yiwang_database_up", "Whether the database answers.", value=1)
