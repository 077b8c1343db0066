"""What filing a matter costs in round trips: those of registers and disclosures beside those that every filing needs."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.singles import Singles
from yiwang.services.applications import actions

pytestmark = pytest.mark.django_db


def test_filing_asks_for_nothing_twice(singles: Singles) -> None:
    mother = singles.world.actor("mother")

    def file(once: str) -> int:
        return actions.file(
            code=singles.permit, answers=singles.residence(), materials={}, once=once, by=mother, at=singles.world.at
        ).id

    first = file("cost-0001")
    with CaptureQueriesContext(connection) as asked:
        second = file("cost-0002")
    # A savepoint that was kept back is logged without a text.
    sent = [query["sql"] for query in asked.captured_queries if query["sql"]]
    assert first != second
    assert len([sql for sql in sent if "FROM people_party" in sql]) == 1, sent
    assert len([sql for sql in sent if "FROM matters_implementation " in sql]) == 1, sent
    assert len(sent) <= 25, [sql[:90] for sql in sent]
    with CaptureQueriesContext(connection) as repeated:
        assert file("cost-0002") == second
    assert len([query for query in repeated.captured_queries if query["sql"]]) <= 4
