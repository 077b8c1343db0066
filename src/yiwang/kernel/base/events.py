"""Events: published inside an action's transaction, delivered by the job worker after commit."""

import logging
from datetime import datetime
from importlib import import_module
from typing import Any

from procrastinate.contrib.django import app
from psycopg.types.json import Jsonb

from yiwang.kernel.base import rows
from yiwang.kernel.base.measures import count_event
from yiwang.kernel.base.retries import PATIENTLY

_QUEUE, _TASK = "events", "base.deliver_events"
# What the queue's own `defer` runs, without building it anew.
_DEFER = (
    "SELECT procrastinate_defer_jobs_v1(ARRAY[ROW(%s, %s, 0, NULL, NULL, %s::jsonb, NULL)]"
    "::procrastinate_job_to_defer_v1[])"
)
_listeners: dict[str, list[str]] = {}
logger = logging.getLogger("yiwang.events")


def subscribe(name: str, listener: str) -> None:
    """Have `listener` (dotted path of `fn(*, payload, at)`) called for each event of `name`.

    Called from AppConfig.ready(). A listener may be called again after a crash and must not mind.
    """
    listeners = _listeners.setdefault(name, [])
    if listener not in listeners:
        listeners.append(listener)


def publish(name: str, payload: dict[str, Any], *, at: datetime) -> None:
    """Queue the event for its listeners in the current transaction; all of one action's travel as one job.

    No personal data in `payload`.
    """
    count_event(name)
    for listener in _listeners.get(name, ()):
        rows.gather(_queue, {"listener": listener, "payload": payload, "at": at.isoformat()})


def listeners_of(name: str) -> tuple[str, ...]:
    return tuple(_listeners.get(name, ()))


@app.task(name=_TASK, queue=_QUEUE, retry=PATIENTLY)
def deliver_all(*, deliveries: list[dict[str, Any]]) -> None:
    """One after the other; what fails is tried again alone, so that the others need not wait or run twice."""
    for delivery in deliveries:
        try:
            _run(**delivery)
        except Exception:
            logger.exception("event for %s could not be delivered, trying again", delivery["listener"])
            deliver.defer(**delivery)


@app.task(name="base.deliver_event", queue=_QUEUE, retry=PATIENTLY)
def deliver(*, listener: str, payload: dict[str, Any], at: str) -> None:
    _run(listener, payload, at)


def _run(listener: str, payload: dict[str, Any], at: str) -> None:
    module, _, function = listener.rpartition(".")
    getattr(import_module(module), function)(payload=payload, at=datetime.fromisoformat(at))


def _queue(deliveries: list[dict[str, Any]]) -> None:
    rows.later(_DEFER, [_QUEUE, _TASK, Jsonb({"deliveries": deliveries})])
