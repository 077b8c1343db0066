"""Events: published inside an action's transaction, delivered by the job worker after commit.

All of one action's events are one row of the outbox, which is drained in batches (`_outbox`). A listener that works long or asks
outside systems is a job of its own, so that nobody waits for it.
"""

import logging
from datetime import datetime
from importlib import import_module
from typing import Any

from procrastinate.contrib.django import app
from psycopg.types.json import Jsonb

from yiwang.kernel.base import rows
from yiwang.kernel.base.measures import count_event
from yiwang.kernel.base.retries import PATIENTLY

_JOBS, _JOB = "events", "base.deliver_event"
# What the queue's own `defer` runs, without building it anew.
_DEFER = (
    "SELECT procrastinate_defer_jobs_v1(ARRAY[ROW(%s, %s, 0, NULL, NULL, %s::jsonb, NULL)]"
    "::procrastinate_job_to_defer_v1[])"
)
_PUT_OUT = "INSERT INTO base_outbox (events, queued_at) VALUES (%s, now())"
_together: dict[str, list[str]] = {}
_apart: dict[str, list[str]] = {}
logger = logging.getLogger("yiwang.events")


def subscribe(name: str, listener: str, *, apart: bool = False) -> None:
    """Have `listener` (dotted path of `fn(*, payload, at)`) called for each event of `name`, in the order of commit within a case.

    Called from AppConfig.ready(). A listener may be called again after a crash and must not mind. One that asks an outside
    system or takes seconds stands `apart`: it runs as a job of its own, in no order.
    """
    listeners = (_apart if apart else _together).setdefault(name, [])
    if listener not in listeners:
        listeners.append(listener)


def publish(name: str, payload: dict[str, Any], *, at: datetime) -> None:
    """Queue the event for its listeners in the current transaction. No personal data in `payload`."""
    count_event(name)
    if name in _together:
        rows.gather(_put_out, {"name": name, "payload": payload, "at": at.isoformat()})
    for listener in _apart.get(name, ()):
        rows.later(_DEFER, [_JOBS, _JOB, Jsonb({"listener": listener, "payload": payload, "at": at.isoformat()})])


def hand_out(name: str, payload: dict[str, Any], at: str) -> None:
    """Call the listeners of one event; one that fails is tried again alone, so that the others need not wait or run twice."""
    for listener in _together.get(name, ()):
        try:
            _run(listener, payload, at)
        except Exception:
            logger.exception("event for %s could not be delivered, trying again", listener)
            deliver.defer(listener=listener, payload=payload, at=at)


@app.task(name=_JOB, queue=_JOBS, retry=PATIENTLY)
def deliver(*, listener: str, payload: dict[str, Any], at: str) -> None:
    _run(listener, payload, at)


@app.task(name="base.deliver_events", queue=_JOBS, retry=PATIENTLY)
def deliver_all(*, deliveries: list[dict[str, Any]]) -> None:
    """What the release before 0120 queued, and its web workers still queue while an upgrade is under way."""
    for delivery in deliveries:
        deliver.defer(**delivery)


def _run(listener: str, payload: dict[str, Any], at: str) -> None:
    module, _, function = listener.rpartition(".")
    getattr(import_module(module), function)(payload=payload, at=datetime.fromisoformat(at))


def _put_out(events: list[dict[str, Any]]) -> None:
    rows.later(_PUT_OUT, [Jsonb(events)])
