"""Jobs that fail are tried again over hours, not within a second."""

from datetime import timedelta

import pytest
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.jobs import Job


@pytest.mark.parametrize(
    "task", ["base.deliver_event", "base.deliver_events", "connectors.reconcile", "connectors.wake"]
)
def test_an_outage_of_hours_loses_no_job(task: str) -> None:
    strategy = app.tasks[task].retry_strategy
    assert strategy is not None
    waits: list[timedelta] = []
    while True:
        job = Job(id=1, queue="events", lock=None, queueing_lock=None, task_name=task, attempts=len(waits))
        decision = strategy.get_retry_decision(exception=OSError(), job=job)
        if decision is None:
            break
        assert decision.retry_at is not None
        waits.append(decision.retry_at - timezone.now())
    assert waits[0] < timedelta(seconds=10)
    assert timedelta(hours=4) < sum(waits, timedelta()) < timedelta(hours=24)
