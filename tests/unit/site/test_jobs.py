"""The queue: a job belongs to the transaction that queued it."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import transaction

from yiwang.kernel.base import events

SEEN: list[dict[str, object]] = []
AT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


def hear(*, payload: dict[str, object], at: datetime) -> None:
    assert at == AT
    SEEN.append(payload)


def test_published_event_reaches_its_listener(run_jobs: Callable[[], int]) -> None:
    SEEN.clear()
    events.subscribe("tests.heard", f"{__name__}.hear")
    events.publish("tests.heard", {"case_id": 1}, at=AT)
    assert not SEEN
    assert run_jobs() == 1
    assert run_jobs() == 0
    assert SEEN == [{"case_id": 1}]


def test_event_of_a_failed_transaction_is_never_heard(run_jobs: Callable[[], int]) -> None:
    events.subscribe("tests.heard", f"{__name__}.hear")
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        events.publish("tests.heard", {"case_id": 2}, at=AT)
        raise ZeroDivisionError
    assert run_jobs() == 0
