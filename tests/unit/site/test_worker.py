"""What became of a job is told until the database has taken it."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
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
