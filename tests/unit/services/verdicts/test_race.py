"""Two workers with the same event at the same moment, and one that is killed in the middle: one verdict, one decision."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections, transaction

from tests.singles import Singles
from tests.unit.services.verdicts.test_instant import apply
from yiwang.kernel.base.events import Event
from yiwang.kernel.cases import queries as cases
from yiwang.services.verdicts import actions, listeners, queries
from yiwang.services.verdicts.contracts import MACHINE
from yiwang.services.verdicts.models import Act, Verdict
from yiwang.support.licences import queries as licences


def at_once(times: int, do: Callable[[], None]) -> None:
    def one(_: int) -> None:
        try:
            do()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as pool:
        list(pool.map(one, range(times)))


@pytest.mark.django_db(transaction=True)
def test_four_workers_decide_once_after_one_was_killed(singles: Singles) -> None:
    case = apply(singles)

    class Killed(BaseException):
        pass

    with pytest.raises(Killed), transaction.atomic():
        actions.judge(case_id=case.id, by=MACHINE, at=singles.world.at)
        raise Killed
    assert not Verdict.objects.exists()
    moved = Event("cases.case.opened", {"kind": "application", "case_id": case.id}, singles.world.at)
    at_once(4, lambda: listeners.case_moved(events=[moved]))
    assert (Verdict.objects.count(), Act.objects.count()) == (1, 1)
    assert cases.peek(case.id).outcome == "granted"
    assert len(licences.of_case(case.number)) == 1
    assert queries.unfinished() == []


def test_what_was_decided_cannot_be_changed_by_the_site(db: None) -> None:
    for table in ("verdicts_verdict", "verdicts_act", "verdicts_draw"):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT has_table_privilege(%s, 'UPDATE'), has_table_privilege(%s, 'DELETE')", [table, table]
            )
            assert cursor.fetchone() == (False, False)
