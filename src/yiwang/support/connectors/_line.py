"""The state of a line: one failure waits a little, several in a row and the system counts as down since the first."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from procrastinate.contrib.django import app

from yiwang.kernel.base import rows
from yiwang.kernel.base.events import publish
from yiwang.support.connectors.kinds import OutsideSystem
from yiwang.support.connectors.models import Line

PUMP_TASK, WAKE_TASK = "connectors.pump", "connectors.wake"
DOUBLINGS_MAX = 16


def wake(system: str, *, at: datetime | None = None) -> None:
    """Queue a pump with the current transaction, now or at a time; one for however many messages a block of `rows.together` stored.

    A job that waits for its time keeps every later one of the same lock waiting too: a message held back until the
    morning would hold up what must go at once. So what is queued for later has no lock, and only wakes.
    """
    rows.gather(_queue, (system, at))


def failed(spec: OutsideSystem, trouble: str, *, at: datetime) -> None:
    """One more failure: everything for this system waits for the next probe."""
    line = _locked(spec.id)
    line.failures += 1
    line.failing_since = line.failing_since or at
    line.trouble = trouble
    line.probe_at = at + backoff(spec, line.failures, at)
    is_newly_down = line.down_since is None and line.failures >= spec.retry.down_after
    if is_newly_down:
        line.down_since = line.failing_since
    line.save()
    wake(spec.id, at=line.probe_at)
    if is_newly_down:
        publish("connectors.line.down", {"system": spec.id, "since": line.failing_since.isoformat()}, at=at)


def answered(spec: OutsideSystem, *, at: datetime, is_sent: bool) -> None:
    """The system answers: whatever waited for the probe may go."""
    line = _locked(spec.id)
    was_down, was_failing = line.down_since is not None, line.failures > 0
    line.failures, line.failing_since, line.down_since, line.probe_at, line.trouble = 0, None, None, None, ""
    line.last_sent_at = at if is_sent else line.last_sent_at
    line.save()
    if was_failing:
        wake(spec.id)
    if was_down:
        publish("connectors.line.up", {"system": spec.id}, at=at)


def heard(system: str, *, at: datetime) -> None:
    if not Line.objects.filter(system=system).update(last_heard_at=at):
        Line.objects.bulk_create([Line(system=system, last_heard_at=at)], ignore_conflicts=True)


def polled(system: str, sequence: int, *, at: datetime) -> None:
    line, _ = Line.objects.get_or_create(system=system)
    Line.objects.filter(pk=line.pk).update(polled_sequence=sequence, polled_at=at)


def backoff(spec: OutsideSystem, failures: int, at: datetime) -> timedelta:
    """Doubles from `first` to `most`, ±20 % so that many installations do not knock at once."""
    seconds = min(spec.retry.first * 2 ** min(failures - 1, DOUBLINGS_MAX), spec.retry.most)
    digest = hashlib.sha256(f"{spec.id}|{failures}|{at.isoformat()}".encode()).digest()
    return timedelta(seconds=seconds * (0.8 + 0.4 * digest[0] / 255))


def _queue(asked: Sequence[tuple[str, datetime | None]]) -> None:
    for system, at in dict.fromkeys(asked):
        if at is not None:
            app.configure_task(WAKE_TASK, queue="outside", schedule_at=at).defer(system=system)
        else:
            app.configure_task(PUMP_TASK, queue="outside", lock=f"outside:{system}").defer(system=system)


def _locked(system: str) -> Line:
    Line.objects.bulk_create([Line(system=system)], ignore_conflicts=True)
    return Line.objects.select_for_update().get(system=system)
