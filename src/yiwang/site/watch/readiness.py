"""Whether work gets done: the database answers, nothing that should move stands still, the disk has room."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import Error as DatabaseError
from django.db import connection

from yiwang.kernel.base import outbox
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.ledger import queries as ledger
from yiwang.site import paths

FREE_BYTES_LEAST = 1_000_000_000
_OLDEST_JOB = """
SELECT min(coalesce(j.scheduled_at, e.at)) FROM (
  SELECT id, scheduled_at FROM procrastinate_jobs
  WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= %s) ORDER BY priority DESC, id LIMIT 100
) j LEFT JOIN procrastinate_events e ON e.job_id = j.id AND e.type = 'deferred'
"""


@dataclass(frozen=True)
class Check:
    """One thing looked at: a number, the limit up to which it is fine, and what to do when it is not."""

    name: str
    is_fine: bool
    value: float
    limit: float
    hint: str = ""


def look(*, at: datetime, only: str = "") -> list[Check]:
    """All checks, or the one of that name; without the database the others have nothing to look at."""
    found: list[Check] = []
    for name, check in CHECKS.items():
        if not only or name == only:
            found.extend(_tried(name, check, at))
            if name == "database" and not found[-1].is_fine:
                break
    return found


def queue_lag(at: datetime) -> timedelta:
    """How long the oldest job that may run has waited, or the oldest event."""
    with connection.cursor() as cursor:
        cursor.execute(_OLDEST_JOB, [at])
        (job,) = cursor.fetchone()
    _, event = outbox.waiting()
    return _since(min(filter(None, (job, event)), default=None), at)


def sequencer_lag(at: datetime) -> timedelta:
    """How long the oldest leaf has waited while no checkpoint was signed."""
    oldest, head = ledger.waiting_since(), ledger.checkpoint()
    if oldest is None or head is None:
        return _since(oldest, at)
    return _since(max(oldest, head.signed_at), at)


def clock_lag(at: datetime) -> timedelta:
    """For how long the longest-waiting time limit has not taken effect."""
    return _since(cases.fires_since(at), at)


def free_bytes() -> int:
    """Room on the disk that holds all data."""
    return shutil.disk_usage(paths.HOME).free


def _tried(name: str, check: Callable[[datetime], Check], at: datetime) -> Iterator[Check]:
    try:
        yield check(at)
    except DatabaseError:
        yield Check(
            name, False, 1, 0, "The database does not answer; see the log of PostgreSQL or run `yiwang doctor`."
        )


def _database(at: datetime) -> Check:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return Check("database", True, 0, 0)


def _lag(name: str, lag: Callable[[datetime], timedelta], limit: int, hint: str) -> Callable[[datetime], Check]:
    def check(at: datetime) -> Check:
        seconds = lag(at).total_seconds()
        return Check(name, seconds <= limit, round(seconds, 1), limit, "" if seconds <= limit else hint)

    return check


def _disk(at: datetime) -> Check:
    free = free_bytes()
    hint = "" if free >= FREE_BYTES_LEAST else "Make room before PostgreSQL stops."
    return Check("disk", not hint, free, FREE_BYTES_LEAST, hint)


def _since(moment: datetime | None, at: datetime) -> timedelta:
    return max(at - moment, timedelta()) if moment else timedelta()


CHECKS: dict[str, Callable[[datetime], Check]] = {
    "database": _database,
    "queue": _lag("queue", queue_lag, 300, "Jobs wait: is `yiwang jobs` running? See its log."),
    "sequencer": _lag("sequencer", sequencer_lag, 60, "Leaves wait: is `yiwang ledger sequence --loop` running?"),
    "clock": _lag("clock", clock_lag, 120, "Time limits wait: is `yiwang clock` running? See its log."),
    "disk": _disk,
}
