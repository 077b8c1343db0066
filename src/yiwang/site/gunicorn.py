"""How gunicorn serves the site: threads, loaded once and then forked, no access log (addresses are personal data)."""

import os
from typing import Any

worker_class = "gthread"
preload_app = True
timeout = 60
graceful_timeout = 15
keepalive = 5
max_requests = 20_000
max_requests_jitter = 2_000
limit_request_line = 8190
control_socket_disable = True


def post_fork(server: Any, worker: Any) -> None:
    """Traces are sent by a thread of each worker's own."""
    from yiwang.site.watch import tracing

    tracing.start("web")


def child_exit(server: Any, worker: Any) -> None:
    """What a dead worker counted stays counted; what it only held ends with it."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def pre_fork(server: Any, worker: Any) -> None:
    """Leave no database connection open across the fork: two processes on one connection corrupt its stream. Settle the heap."""
    from django.db import connections

    from yiwang.site import heap

    connections.close_all()
    for connection in connections.all():
        close_pool = getattr(connection, "close_pool", None)
        if close_pool:
            close_pool()
    heap.settle()
