"""Delivers events and runs waiting jobs of the queue inside a test: in its process, on its connection, in its transaction."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.db.models import Q
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.standing import standing
from yiwang.kernel.base.outbox import drain, waiting

MOST = 10_000


def run_waiting() -> int:
    """Run what waits, and what that queues, until nothing does; an error in a job is the test's error.

    Returns how many jobs and transactions' events that were. A listener that fails is such a job.
    """
    count = 0
    for _ in range(MOST):
        count += drain()
        job = _next()
        if job is not None:
            _mark(job, "doing")
            app.tasks[job.task_name].func(**job.args)
            _mark(job, "succeeded")
            count += 1
        elif not waiting()[0]:
            return count
    raise AssertionError(f"jobs keep queueing jobs: {MOST} ran and more wait")


def _next() -> ProcrastinateJob | None:
    due = Q(scheduled_at__isnull=True) | Q(scheduled_at__lte=timezone.now())
    return ProcrastinateJob.objects.filter(due, status="todo").order_by("-priority", "id").first()


def _mark(job: ProcrastinateJob, status: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = %s WHERE id = %s", [status, job.id])


@standing
def yet_to_run() -> None:
    """What loading the packs into the template queued is done; by its name after whatever else stands."""
    run_waiting()


@pytest.fixture
def run_jobs(yet_to_run: None) -> Callable[[], int]:
    """Run the jobs that wait in the queue, in this process and inside the test's transaction; returns how many ran."""
    run_waiting()
    return run_waiting
