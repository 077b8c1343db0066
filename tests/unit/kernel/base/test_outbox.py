"""The outbox: nothing is lost, nothing is told by two at once, and what waits is seen from outside."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from tests.world import AT
from yiwang.kernel.base import events, outbox, rows
from yiwang.kernel.base.models import Outbox
from yiwang.site.watch import readiness

pytestmark = pytest.mark.django_db
heard: list[int] = []


def listen(*, payload: dict[str, int], at: object) -> None:
    heard.append(payload["n"])


@pytest.fixture(autouse=True)
def empty(monkeypatch: pytest.MonkeyPatch) -> None:
    heard.clear()
    Outbox.objects.all().delete()
    monkeypatch.setattr(events, "_together", {"told": [f"{__name__}.listen"]})


def _publish(*numbers: int) -> None:
    for n in numbers:
        events.publish("told", {"n": n}, at=AT)


def test_a_batch_is_delivered_in_order_and_the_rest_with_the_next() -> None:
    _publish(*range(outbox.BATCH + 3))
    assert [outbox.drain(), outbox.drain(), outbox.drain()] == [outbox.BATCH, 3, 0]
    assert heard == list(range(outbox.BATCH + 3))


def test_a_worker_that_breaks_off_delivers_again_and_leaves_no_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    def break_off(**event: Any) -> None:
        raise KeyboardInterrupt

    _publish(1, 2)
    with monkeypatch.context() as patched:
        patched.setattr(events, "hand_out", break_off)
        with pytest.raises(KeyboardInterrupt):
            outbox.drain()
    assert outbox.waiting()[0] == 2
    assert outbox.drain() == 2
    assert heard == [1, 2]


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
