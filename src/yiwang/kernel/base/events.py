"""Events: published inside an action's transaction, delivered by the job worker after commit.

All of one action's events are one row of the outbox, which is drained in batches (`outbox`). A listener that hears of every case takes
a batch's events together; one that works long or asks outside systems is a job of its own, so that nobody waits for it.
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from importlib import import_module
from typing import Any, NamedTuple

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
_one_by_one: dict[str, list[str]] = {}
_together: dict[str, list[str]] = {}
_apart: dict[str, list[str]] = {}
logger = logging.getLogger("yiwang.events")


class Event(NamedTuple):
    """What happened, with numbers and codes only."""

    name: str
    payload: dict[str, Any]
    at: datetime


def subscribe(name: str, listener: str, *, together: bool = False, apart: bool = False) -> None:
    """Have `listener` (dotted path of `fn(*, payload, at)`) called for each event of `name`, in the order of commit within a case.

    Called from AppConfig.ready(). A listener may be called again after a crash and must not mind. One that says `together` is
    `fn(*, events)`: it gets all its events of a batch in their order, and each by itself when it raises. One that asks an outside
    system or takes seconds stands `apart`: it runs as a job of its own, in no order.
    """
    listeners = (_apart if apart else _together if together else _one_by_one).setdefault(name, [])
    if listener not in listeners:
        listeners.append(listener)


def publish(name: str, payload: dict[str, Any], *, at: datetime) -> None:
    """Queue the event for its listeners in the current transaction. No personal data in `payload`."""
    count_event(name)
    if name in _one_by_one or name in _together:
        rows.gather(_put_out, {"name": name, "payload": payload, "at": at.isoformat()})
    for listener in _apart.get(name, ()):
        rows.later(_DEFER, [_JOBS, _JOB, Jsonb({"listener": listener, "payload": payload, "at": at.isoformat()})])


def hand_out(events: Sequence[Event]) -> None:
    """Call the listeners of a batch of events; what fails is tried again alone, so that the others need not wait or run twice."""
    many: dict[str, list[Event]] = {}
    for event in events:
        for listener in _together.get(event.name, ()):
            many.setdefault(listener, []).append(event)
    for listener, heard in many.items():
        _tell(listener, heard)
    for event in events:
        for listener in _one_by_one.get(event.name, ()):
            _tell(listener, [event])


def _tell(listener: str, heard: Sequence[Event]) -> None:
    try:
        _call(listener, heard)
        return
    except Exception:
        logger.exception("%d events for %s could not be delivered, trying again", len(heard), listener)
    if len(heard) > 1:
        for event in heard:
            _tell(listener, [event])
        return
    (event,) = heard
    deliver.defer(listener=listener, payload=event.payload, at=event.at.isoformat(), name=event.name)


@app.task(name=_JOB, queue=_JOBS, retry=PATIENTLY)
def deliver(*, listener: str, payload: dict[str, Any], at: str, name: str = "") -> None:
    _call(listener, [Event(name, payload, datetime.fromisoformat(at))])


@app.task(name="base.deliver_events", queue=_JOBS, retry=PATIENTLY)
def deliver_all(*, deliveries: list[dict[str, Any]]) -> None:
    """What the release before 0120 queued, and its web workers still queue while an upgrade is under way."""
    for delivery in deliveries:
        deliver.defer(**delivery)


def _call(listener: str, heard: Sequence[Event]) -> None:
    module, _, function = listener.rpartition(".")
    call = getattr(import_module(module), function)
    if any(listener in those for those in _together.values()):
        call(events=heard)
        return
    for event in heard:
        call(payload=event.payload, at=event.at)


def _put_out(events: list[dict[str, Any]]) -> None:
    rows.later(_PUT_OUT, [Jsonb(events)])
