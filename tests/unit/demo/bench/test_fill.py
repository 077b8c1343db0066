"""Filled rows are such as the engine writes: every list, figure and check can work with them."""

import pytest
from django.db import connection

from tests.standing import standing
from tests.world import AT
from yiwang.demo.bench import _fill, _people
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.models import Case, Clock, Task
from yiwang.kernel.people import queries as people

pytestmark = pytest.mark.django_db


@standing
def filled(world) -> _people.People:
    made = _people.make(AT)
    told: list[str] = []
    filler = _fill.Filler(made, now=AT, tell=told.append)
    filler.fill(100)
    filler.fill(400)
    assert told == ["100 of 100 cases filled in", "400 of 400 cases filled in"]
    return made


def test_lists_show_what_was_filled_in(filled: _people.People) -> None:
    few = people.actor_of(people.accounts_named("bench.few")[0].id, at=AT)
    leader = people.actor_of(people.accounts_named("bench.leader")[0].id, at=AT)
    assert len(cases.work_list(few, at=AT).items) == _people.SMALL
    rows = cases.work_list(leader, box="unit", size=200, at=AT).items
    assert {row.step for row in rows} == {"intake", "handle"}
    assert len({row.org_id for row in rows}) > 20


def test_open_cases_have_one_open_task_and_closed_ones_none(filled: _people.People) -> None:
    open_tasks = Task.objects.filter(status="open").values_list("case_id", flat=True)
    assert sorted(open_tasks) == sorted(Case.objects.filter(status="open").values_list("pk", flat=True))
    assert Case.objects.count() == 400
    # What is to fire fires in the future: the clock process must not be handed a million alarms.
    assert not Clock.objects.filter(fires_at__lte=AT).exists()


def test_ids_of_the_engine_go_on_after_those_filled_in(filled: _people.People) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('cases_case', 'id')), (SELECT max(id) FROM cases_case)")
        following, last = cursor.fetchone()
    assert following > last
