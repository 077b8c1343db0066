"""Jobs that come again by the clock: one of a name waits at most, and one that failed is tried again."""

from collections.abc import Callable
from typing import TypeVar

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.tasks import Task

from yiwang.kernel.base.retries import SOON

Result = TypeVar("Result")
Job = Callable[[int], Result]


def repeats(
    cron: str, *, name: str, queue: str = "default", retry: RetryStrategy = SOON
) -> Callable[[Job[Result]], Task[[int], Result, []]]:
    """Queue the job whenever `cron` says (UTC), which is its one argument `timestamp`; not while one of its name waits."""

    def hung_in(job: Job[Result]) -> Task[[int], Result, []]:
        task = app.task(name=name, queue=queue, queueing_lock=name, retry=retry)(job)
        return app.periodic(cron=cron)(task)

    return hung_in
