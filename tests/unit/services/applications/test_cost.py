"""What a life costs in round trips: filing, acceptance, decision, and telling people of it."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.jobs import run_waiting
from tests.singles import Singles
from tests.unit.services.applications.test_applications import SPARED
from tests.world import World
from yiwang.kernel.base import outbox
from yiwang.kernel.cases import actions as engine
from yiwang.services.applications import actions
from yiwang.services.applications.contracts import Channel


@contextmanager
def at_most(most: int) -> Iterator[None]:
    """A savepoint that was kept back is logged without a text; the first and the last stand for BEGIN and COMMIT."""
    with CaptureQueriesContext(connection) as asked:
        yield
    sent = [query["sql"][:90] for query in asked.captured_queries if query["sql"]]
    assert len(sent) <= most, "\n".join([f"{len(sent)} round trips", *sent])


def test_filing_a_matter_that_asks_registers(singles: Singles) -> None:
    def file(once: str) -> None:
        actions.file(
            code=singles.permit,
            answers=singles.residence(),
            materials={},
            once=once,
            by=singles.world.actor("mother"),
            at=timezone.now(),
        )

    file("first")
    with at_most(24):
        file("second")


def _opened(world: World) -> int:
    by = world.actor("mother")
    case = engine.open_case(
        kind="application",
        flow="standard.public-service",
        title="生育医疗待遇支付",
        org_id=world.org("health").id,
        region_code="990102000000",
        applicant_id=world.mother.id,
        subject="陈晓岚",
        data={"answers": {}},
        limits={},
        by=by,
        at=world.at,
    )
    actions.enter(case=case, wanted=[SPARED], inputs={}, channel=Channel.MOBILE, by=by, at=world.at)
    return case.id


@pytest.fixture
def case_id(world: World) -> int:
    run_waiting()
    return _opened(world)


def test_accepting_deciding_and_telling(world: World, case_id: int) -> None:
    def take(step: str, choice: str, who: str) -> None:
        engine.advance(case_id=case_id, step=step, choice=choice, by=world.actor(who), at=world.at)

    with at_most(22):
        outbox.drain()
    with at_most(7):
        take("intake", "accept", "health.clerk")
    with at_most(22):
        outbox.drain()
    with at_most(7):
        take("handle", "done", "health.reviewer")
    with at_most(30):
        outbox.drain()


def test_telling_of_ten_cases_asks_little_more_than_of_one(world: World) -> None:
    run_waiting()
    for _ in range(10):
        _opened(world)
    # Beside what one costs: a key for each text message, of which a reader gets eight a day.
    with at_most(22 + 8):
        outbox.drain()
