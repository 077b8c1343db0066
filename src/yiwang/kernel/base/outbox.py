"""The outbox: what was published and is not delivered yet, a row for each transaction, drained in batches by one process at a time."""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import connection

from yiwang.kernel.base import events, rows
from yiwang.kernel.base.events import Event

BATCH = 50
# A poll, not NOTIFY: a notifying commit takes a lock of the whole database and would queue all writers behind it.
PAUSE_SECONDS = 0.25
PAUSE_SECONDS_MAX = 5.0
# Any constant that no other advisory lock of the house uses.
LOCK = 0x59574F42
_NEXT = "SELECT id, events FROM base_outbox ORDER BY id LIMIT %s"
_IS_WAITING = "SELECT EXISTS (SELECT FROM base_outbox)"
_DONE = "DELETE FROM base_outbox WHERE id = ANY(%s)"
_WAITING = "SELECT count(*), min(queued_at) FROM base_outbox"

logger = logging.getLogger("yiwang.events")


def run_outbox(*, wait: Callable[[float], bool]) -> None:
    """Drain until `wait(seconds)` says that it is time to stop; a lost database is waited for."""
    pause = PAUSE_SECONDS
    while not wait(pause):
        try:
            # A full batch means that more is waiting.
            pause = 0.0 if drain() == BATCH else PAUSE_SECONDS
        except Exception:
            # Mostly the database is away; whatever it is, nobody else would go on draining.
            logger.exception("the outbox waits")
            connection.close()
            pause = min(max(pause, PAUSE_SECONDS) * 2, PAUSE_SECONDS_MAX)


def drain() -> int:
    """Deliver what waits, oldest first, at most a batch; returns how many transactions' events that was.

    They go when all are delivered: whoever is killed in between delivers some of them again.
    """
    ((is_waiting,),) = rows.fetch(_IS_WAITING, [])
    if not is_waiting:
        return 0
    with _alone() as is_ours:
        waiting = _next() if is_ours else []
        events.hand_out([event for _, told in waiting for event in told])
        if waiting:
            rows.fetch(_DONE + " RETURNING id", [[number for number, _ in waiting]])
    return len(waiting)


def waiting() -> tuple[int, datetime | None]:
    """How many transactions' events wait, and since when the oldest."""
    ((count, since),) = rows.fetch(_WAITING, [])
    return int(count), since


def _next() -> list[tuple[int, list[Event]]]:
    return [(int(number), [_event(**each) for each in json.loads(told)]) for number, told in rows.fetch(_NEXT, [BATCH])]


def _event(name: str, payload: dict[str, Any], at: str) -> Event:
    return Event(name, payload, datetime.fromisoformat(at))


@contextmanager
def _alone() -> Iterator[bool]:
    """Two workers must not deliver the same: who does not get the lock leaves it to the other."""
    ((is_ours,),) = rows.fetch("SELECT pg_try_advisory_lock(%s)", [LOCK])
    try:
        yield bool(is_ours)
    finally:
        if is_ours:
            rows.fetch("SELECT pg_advisory_unlock(%s)", [LOCK])
