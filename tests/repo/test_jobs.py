"""Jobs are tried again, and not at once; one that comes again by the clock waits only once."""

from datetime import timedelta
from itertools import pairwise

from croniter import croniter
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.jobs import Job
from procrastinate.tasks import Task

OURS = {name: task for name, task in app.tasks.items() if task.func.__module__.startswith("yiwang.")}
REPEATING = {task.task.name: task.cron for task in app.periodic_registry.periodic_tasks.values()}


def test_every_job_outlasts_a_database_that_is_killed() -> None:
    assert len(OURS) > 30
    hasty = [name for name, task in OURS.items() if tried_for(task) < timedelta(minutes=2)]
    assert not hasty, f"give these `retry=SOON` or `PATIENTLY` (kernel.base.retries): {hasty}"


def test_what_repeats_waits_once() -> None:
    crowded = [name for name in REPEATING if OURS[name].queueing_lock != name]
    assert not crowded, f"hang these in with `repeats` (kernel.base.repeating): {crowded}"


def test_what_comes_once_a_day_is_tried_for_hours() -> None:
    daily = [name for name, cron in REPEATING.items() if pause(cron) > timedelta(hours=10)]
    given_up = [name for name in daily if tried_for(OURS[name]) < timedelta(hours=4)]
    assert daily
    assert not given_up, f"give these `retry=PATIENTLY`: {given_up}"


def tried_for(task: Task) -> timedelta:
    """How long after its first failure a job is tried for the last time, were each try to take no time."""
    passed, begun = timedelta(), timezone.now()
    for attempts in range(100):
        job = Job(id=1, queue="", lock=None, queueing_lock=None, task_name=task.name, attempts=attempts)
        decision = task.retry_strategy and task.retry_strategy.get_retry_decision(exception=OSError(), job=job)
        if decision is None:
            break
        passed += decision.retry_at - begun
    return passed


def pause(cron: str) -> timedelta:
    """The shortest time from one to the next; some rest over night."""
    at = croniter(cron, timezone.now())
    ticks = [at.get_next() for _ in range(4)]
    return timedelta(seconds=min(after - before for before, after in pairwise(ticks)))
