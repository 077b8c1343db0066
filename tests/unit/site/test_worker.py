"""What became of a job is told until the database has taken it."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from procrastinate.contrib.django import procrastinate_app
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status
from procrastinate.sql import queries
from procrastinate.testing import InMemoryConnector

from yiwang.site import worker

ENDS = {queries["finish_job"], queries["retry_job"]}


class Troubled(InMemoryConnector):
    """A database that cannot take the first few ends of jobs, or takes them and does not come to say so."""

    def __init__(self, *, refused: int = 0, unsaid: int = 0) -> None:
        super().__init__()
        self.refused, self.unsaid, self.asked = refused, unsaid, 0

    async def execute_query_async(self, query: str, **given: Any) -> None:
        is_end = query in ENDS
        self.asked += is_end
        if is_end and self.refused:
            self.refused -= 1
            raise ConnectorException
        await super().execute_query_async(query, **given)
        if is_end and self.unsaid:
            self.unsaid -= 1
            raise ConnectorException


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "FIRST_PAUSE", 0.0)


def status_after(connector: Troubled, *, again: bool) -> Status:
    """In a thread of its own: other tests may have left a loop running in this one."""
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(asyncio.run, lived(connector, again=again)).result()


async def lived(connector: Troubled, *, again: bool) -> Status:
    """The status of a job that was taken up and ended, well or to be tried again."""
    manager = worker.TellingManager(connector)
    asked = Job(id=None, queue="default", lock=None, queueing_lock=None, task_name="a.task", task_kwargs={})
    await manager.defer_job_async(asked)
    job = await manager.fetch_job(queues=None, worker_id=await manager.register_worker())
    assert job is not None
    if again:
        await manager.retry_job(job)
    else:
        await manager.finish_job(job, Status.SUCCEEDED, delete_job=False)
    return await manager.get_job_status_async(job.id or 0)


@pytest.mark.parametrize(("again", "becomes"), [(False, Status.SUCCEEDED), (True, Status.TODO)])
def test_an_end_that_could_not_be_written_is_written_again(again: bool, becomes: Status) -> None:
    connector = Troubled(refused=3)
    assert status_after(connector, again=again) is becomes
    assert connector.asked == 4


def test_an_end_that_was_taken_is_not_told_twice() -> None:
    connector = Troubled(unsaid=1)
    assert status_after(connector, again=False) is Status.SUCCEEDED
    assert connector.asked == 1


async def tried_again_while_one_waits() -> list[tuple[str, int, int]]:
    """A job of the queue's worker is to be tried again when the next of its name waits; what stands in the queue then."""
    with worker.telling() as queue:
        async with queue.open_async():
            manager = queue.job_manager
            asked = Job(id=None, queue="trial", lock=None, queueing_lock="a.look", task_name="a.look", task_kwargs={})
            await manager.defer_job_async(asked)
            job = await manager.fetch_job(queues=["trial"], worker_id=await manager.register_worker())
            await manager.defer_job_async(asked)
            assert job is not None
            await asyncio.wait_for(manager.retry_job(job), 60)
            left = await manager.list_jobs_async(queue="trial")
            return [(each.status or "", each.attempts, (each.id or 0) - (job.id or 0)) for each in left]


@pytest.mark.django_db(transaction=True)
def test_one_that_is_tried_again_takes_the_place_of_the_next_that_waits() -> None:
    """Else neither would end: the one may not wait beside the other, and the other not begin where every place is taken."""
    with ThreadPoolExecutor(1) as apart:
        assert apart.submit(asyncio.run, tried_again_while_one_waits()).result() == [("todo", 1, 0)]


def test_the_worker_is_one_that_tells() -> None:
    with worker.telling():
        assert isinstance(procrastinate_app.current_app.job_manager, worker.TellingManager)
    assert not isinstance(procrastinate_app.current_app.job_manager, worker.TellingManager)
