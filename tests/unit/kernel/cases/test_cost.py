"""What an action costs in round trips, whatever it writes."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from yiwang.kernel.cases import actions, queries
from yiwang.kernel.cases.contracts import CaseToOpen, NotYourCase
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


def test_many_cases_are_opened_in_as_few_round_trips_as_one_and_are_what_one_is(world) -> None:
    mother, org = world.actor("mother"), world.org("health")
    limits = {"promised": Limit.parse("5 workdays"), "statutory": Limit.parse("20 workdays")}
    given = {"title": "经营许可", "org_id": org.id, "region_code": org.region_code, "applicant_id": mother.party_id, "subject": "某人"}  # fmt: skip
    both = {"kind": "application", "flow": "standard.permit", "by": mother, "at": world.at}
    alone = actions.open_case(**given, data={"n": 0}, limits=limits, **both)
    with CaptureQueriesContext(connection) as opening:
        many = actions.open_many(cases=[CaseToOpen(**given, data={"n": n}, limits=limits) for n in range(30)], **both)
    assert len(opening) <= 4, [query["sql"][:80] for query in opening.captured_queries]
    serials = [int(case.number[-7:-1]) for case in (alone, *many)]
    assert serials == list(range(serials[0], serials[0] + 31))
    assert len({case.query_code for case in many}) == 30
    assert [queries.data(case.id) for case in many] == [{"n": n} for n in range(30)]

    def shape(case_id: int) -> object:
        seen = queries.peek(case_id, at=world.at)
        return (
            [(task.step, task.org_id, task.due_at) for task in seen.steps_open],
            [(clock.name, clock.due_at) for clock in seen.clocks],
            [(event.kind, event.step) for event in queries.history(case_id)],
        )

    assert all(shape(case.id) == shape(alone.id) for case in many[::10])
    assert actions.open_many(cases=[], **both) == []
    with pytest.raises(NotYourCase):
        actions.open_many(cases=[CaseToOpen(**given | {"applicant_id": world.father.id})], **both)
