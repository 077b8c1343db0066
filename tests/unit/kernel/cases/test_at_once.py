"""Several at the same moment: one wins, nothing is lost or done twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from tests.unit.kernel.cases.conftest import Club
from yiwang.kernel.base.contracts import SYSTEM, Conflict
from yiwang.kernel.cases import actions, queries
from yiwang.kernel.cases.models import Case, CaseEvent

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Run all in threads of their own, begun together; what each returned or raised."""
    barrier = Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        try:
            barrier.wait()
            return work()
        except Conflict as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


@pytest.fixture
def staff(club: Club) -> dict[str, Any]:
    return {name: club.actor(name) for name in ("ann", "bob", "cat")}


def test_two_clerks_at_one_step(club: Club, staff: dict[str, Any]) -> None:
    case = club.open()
    came = at_once(*(lambda who=who: club.take(case, "request.enter", staff[who]) for who in ("ann", "bob")))
    assert sum(isinstance(one, Conflict) for one in came) == 1
    assert CaseEvent.objects.filter(case=case.id, kind="advanced").count() == 1
    assert len(queries.peek(case.id).steps_open) == 3


def test_branches_that_arrive_together_join_once(club: Club, staff: dict[str, Any]) -> None:
    case = club.take(club.open(), "request.enter", staff["ann"])
    at_once(
        lambda: club.take(case, "first.done", staff["ann"]),
        lambda: club.take(case, "third.done", staff["bob"]),
    )
    assert [task.step for task in queries.peek(case.id).steps_open] == ["prize"]


def test_numbers_have_no_gaps_under_load(club: Club) -> None:
    player = club.player
    at_once(*(lambda: [club.open(by=player) for _ in range(5)] for _ in range(6)))
    serials = sorted(int(number[14:20]) for number in Case.objects.values_list("number", flat=True))
    assert serials == list(range(1, 31))


def test_two_sweeps_fire_once(club: Club) -> None:
    case = club.open("test.weather")
    late = club.at + timedelta(days=9)
    at_once(*(lambda: actions.sweep(by=SYSTEM, at=late) for _ in range(4)))
    assert [event.kind for event in queries.history(case.id)].count("lapsed") == 1
    assert [task.step for task in queries.peek(case.id).steps_open] == ["play"]


def test_the_clerk_and_the_clock_do_not_both_act(club: Club, staff: dict[str, Any]) -> None:
    late = club.at + timedelta(days=9)
    for _ in range(4):
        case = club.open("test.weather")
        at_once(
            lambda: actions.sweep(by=SYSTEM, at=late),
            lambda case=case: club.take(case, "ask.accept", staff["ann"], at=late),
        )
        actions.sweep(by=SYSTEM, at=late)
        kinds = [event.kind for event in queries.history(case.id)]
        # What is late in law is late, whoever of the two was first at the row.
        assert (kinds.count("lapsed"), kinds.count("advanced")) == (1, 0)
