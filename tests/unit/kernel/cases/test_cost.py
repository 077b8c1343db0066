"""What an action costs in round trips, whatever it writes."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from yiwang.kernel.cases import actions
from yiwang.kernel.workdays.contracts import Limit

pytestmark = pytest.mark.django_db


def test_opening_and_moving_a_case_are_few_round_trips(world) -> None:
    mother, org = world.actor("mother"), world.org("health")

    def opened() -> int:
        return actions.open_case(
            kind="application",
            flow="standard.permit",
            title="经营许可",
            org_id=org.id,
            region_code=org.region_code,
            applicant_id=mother.party_id,
            subject="某人",
            data={},
            limits={"promised": Limit.parse("5 workdays"), "statutory": Limit.parse("20 workdays")},
            by=mother,
            at=world.at,
        ).id

    opened()
    with CaptureQueriesContext(connection) as opening:
        case_id = opened()
    # Savepoint and its release stand for BEGIN and COMMIT: what is left is one question and one answer.
    assert len(opening) <= 4, [query["sql"][:80] for query in opening.captured_queries]
    reviewer, clerk = world.actor("health.reviewer"), world.actor("health.clerk")
    actions.advance(case_id=case_id, step="intake", choice="accept", by=clerk, at=world.at)
    with CaptureQueriesContext(connection) as moving:
        actions.advance(case_id=case_id, step="review", choice="pass", by=reviewer, at=world.at)
    assert len(moving) <= 4, [query["sql"][:80] for query in moving.captured_queries]
