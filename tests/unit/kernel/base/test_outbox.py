"""The outbox: nothing is lost, nothing is told by two at once, and what waits is seen from outside."""

import logging
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.world import AT
from yiwang.kernel.base import events, outbox, rows
from yiwang.kernel.base.events import Event
from yiwang.kernel.base.models import Outbox
from yiwang.site.watch import readiness

pytestmark = pytest.mark.django_db
heard: list[int] = []
calls: list[list[int]] = []


def listen(*, payload: dict[str, int], at: object) -> None:
    heard.append(payload["n"])


def listen_to_all(*, events: Sequence[Event]) -> None:
    """Cannot bear a three."""
    calls.append([event.payload["n"] for event in events])
    if 3 in calls[-1]:
        raise ValueError("three")
    heard.extend(calls[-1])


@pytest.fixture(autouse=True)
def empty(monkeypatch: pytest.MonkeyPatch) -> None:
    heard.clear()
    calls.clear()
    Outbox.objects.all().delete()
    monkeypatch.setattr(events, "_one_by_one", {"told": [f"{__name__}.listen"]})
    monkeypatch.setattr(events, "_together", {name: [f"{__name__}.listen_to_all"] for name in ("many", "more")})
    ProcrastinateJob.objects.all()._raw_delete("default")


def _publish(*numbers: int) -> None:
    for n in numbers:
        events.publish("told", {"n": n}, at=AT)


def test_a_batch_is_delivered_in_order_and_the_rest_with_the_next() -> None:
    _publish(*range(outbox.BATCH + 3))
    assert [outbox.drain(), outbox.drain(), outbox.drain()] == [outbox.BATCH, 3, 0]
    assert heard == list(range(outbox.BATCH + 3))


def test_a_worker_that_breaks_off_delivers_again_and_leaves_no_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    def break_off(heard: Any) -> None:
        raise KeyboardInterrupt

    _publish(1, 2)
    with monkeypatch.context() as patched:
        patched.setattr(events, "hand_out", break_off)
        with pytest.raises(KeyboardInterrupt):
            outbox.drain()
    assert outbox.waiting()[0] == 2
    assert outbox.drain() == 2
    assert heard == [1, 2]


def test_a_listener_that_takes_many_gets_a_batch_in_order_whatever_the_events_are_called() -> None:
    for n, name in enumerate(("many", "more", "told", "many"), start=4):
        events.publish(name, {"n": n}, at=AT)
    assert outbox.drain() == 4
    assert calls == [[4, 5, 7]]


def test_of_a_batch_whose_third_event_fails_the_others_are_told_and_it_is_tried_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    for n in range(1, 5):
        events.publish("many", {"n": n}, at=AT)
    with caplog.at_level(logging.CRITICAL):
        assert outbox.drain() == 4
    assert calls == [[1, 2, 3, 4], [1], [2], [3], [4]]
    assert (heard, outbox.waiting()[0]) == ([1, 2, 4], 0)
    (job,) = ProcrastinateJob.objects.filter(status="todo")
    assert (job.args["name"], job.args["payload"]) == ("many", {"n": 3})
    with pytest.raises(ValueError, match="three"):
        events.deliver.func(**job.args)
    assert calls[-1] == [3]


@pytest.fixture
def other_worker() -> Iterator[Any]:
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [outbox.LOCK])
        yield cursor
    other.close()


def test_two_workers_do_not_deliver_the_same(other_worker: Any) -> None:
    _publish(1)
    assert outbox.drain() == 0
    assert (heard, outbox.waiting()[0]) == ([], 1)
    other_worker.execute("SELECT pg_advisory_unlock(%s)", [outbox.LOCK])
    assert outbox.drain() == 1
    assert heard == [1]


def test_a_lost_database_is_waited_for_ever_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(*asked: object) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(rows, "fetch", lost)
    monkeypatch.setattr(connection, "close", lambda: None)
    pauses: list[float] = []

    def wait(seconds: float) -> bool:
        pauses.append(seconds)
        return len(pauses) == 8

    outbox.run_outbox(wait=wait)
    assert pauses[:3] == [0.25, 0.5, 1.0]
    assert pauses[-1] == outbox.PAUSE_SECONDS_MAX


def test_events_that_nobody_delivers_are_seen(client: Client) -> None:
    _publish(1)
    Outbox.objects.update(queued_at=timezone.now() - timedelta(minutes=10))
    assert readiness.queue_lag(timezone.now()) >= timedelta(minutes=10)
    assert client.get("/readyz?check=queue").status_code == 503
    assert 'yiwang_queue_jobs{queue="outbox",status="todo"} 1.0' in client.get("/metrics").content.decode()
    outbox.drain()
    assert 'yiwang_queue_jobs{queue="outbox",status="todo"} 0.0' in client.get("/metrics").content.decode()
