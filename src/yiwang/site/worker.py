"""The worker of the queue, which goes on telling what became of a job until the database has taken it.

procrastinate tells it once. Were that lost (a full disk, a database away), the job would stay `doing` under a worker that
lives, and nobody would take it up again: `site.retry_stalled` looks for workers that died.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from procrastinate import App
from procrastinate.contrib.django import app
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
GRACE_SECONDS = 15


class TellingManager(JobManager):
    """Tells the end of a job, or that it is to be tried again, as often as it takes."""

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:
        finish = super().finish_job
        await self._told(job, lambda: finish(job, status, delete_job))

    async def retry_job(self, job: Job, *given: Any, **named: Any) -> None:
        retry = super().retry_job
        await self._told(job, lambda: self._in_its_place(job, lambda: retry(job, *given, **named)))

    async def _in_its_place(self, job: Job, retry: Callable[[], Awaitable[None]]) -> None:
        """Of two with one queueing lock only one may wait: the next one gives way, so that tries go on being counted."""
        try:
            await retry()
        except UniqueViolation:
            for waiting in await self.list_jobs_async(queueing_lock=job.queueing_lock, status=Status.TODO.value):
                await self.cancel_job_by_id_async(waiting.id or 0, delete_job=True)
            await retry()

    async def _told(self, job: Job, tell: Callable[[], Awaitable[None]]) -> None:
        pause = FIRST_PAUSE
        while True:
            try:
                await tell()
            except ConnectorException:
                if not await self._may_be_doing(job):
                    return  # it was taken, and only the answer was lost
            else:
                return
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _may_be_doing(self, job: Job) -> bool:
        try:
            return await self.get_job_status_async(job.id or 0) is Status.DOING
        except ConnectorException:
            return True


def run(*, concurrency: int) -> None:
    """Run the jobs of the queue until stopped."""
    with telling() as queue:
        queue.run_worker(concurrency=concurrency, shutdown_graceful_timeout=GRACE_SECONDS)


@contextmanager
def telling() -> Iterator[App]:
    """The queue whose workers tell; not Django's `app`, which stands before it: what is set there reaches no worker."""
    connector = app.connector.get_worker_connector()  # type: ignore[attr-defined]
    with app.replace_connector(connector) as queue:
        before, queue.job_manager = queue.job_manager, TellingManager(connector)
        try:
            yield queue
        finally:
            queue.job_manager = before
