"""Records of acts, and disclosures once per sitting."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from yiwang.kernel.audit import actions, queries
from yiwang.kernel.audit.contracts import DisclosureView
from yiwang.kernel.base.contracts import Actor, ActorKind, PostRef
from yiwang.kernel.ledger import actions as ledger_actions
from yiwang.kernel.ledger import queries as ledger

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
CLERK = Actor(
    kind=ActorKind.STAFF, name="窗口", account_id=7, posts=(PostRef(3, 12, "/1/12/", "window-clerk", "综合窗口"),)
)
KEY = "a" * 64


def show(*elements: str, by: Actor = CLERK, at: datetime = AT, case: str = "9901") -> DisclosureView:
    return actions.disclose(
        subject_key=KEY, elements=elements, purpose="审核", authority="户口登记条例", case_number=case, by=by, at=at
    )


def test_a_trail_reads_newest_first_and_keeps_detail() -> None:
    actions.record("cases.case.opened", target="case:1", by=CLERK, at=AT)
    actions.record("cases.case.advanced", target="case:1", by=CLERK, at=AT, detail={"choice": "accept"})
    actions.record("cases.case.opened", target="case:2", by=CLERK, at=AT)
    trail = queries.trail("case:1")
    assert [view.event for view in trail.items] == ["cases.case.advanced", "cases.case.opened"]
    assert trail.items[0].detail == {"choice": "accept"}
    assert (trail.items[0].account_id, trail.items[0].org_id) == (7, 12)


def test_one_sitting_writes_one_disclosure() -> None:
    first = show("person.name", "person.address")
    assert show("person.name").id == first.id
    assert len(queries.disclosures_of(KEY).items) == 1


def test_a_new_element_in_the_same_sitting_adds_only_itself() -> None:
    show("person.name")
    assert show("person.name", "person.phone").elements == ("person.phone",)


@pytest.mark.parametrize(
    "other",
    [{"case": "9902"}, {"at": AT + timedelta(days=1)}, {"by": replace(CLERK, account_id=8)}],
    ids=["case", "day", "actor"],
)
def test_another_case_day_or_actor_is_another_sitting(other: dict[str, object]) -> None:
    show("person.name")
    show("person.name", **other)  # type: ignore[arg-type]
    assert len(queries.disclosures_of(KEY).items) == 2


def test_a_sitting_ends_with_the_legal_day() -> None:
    show("person.name", at=datetime(2026, 11, 23, 15, 59, tzinfo=UTC))
    show("person.name", at=datetime(2026, 11, 23, 16, 1, tzinfo=UTC))
    assert len(queries.disclosures_of(KEY).items) == 2


def test_each_disclosure_has_a_proof_and_belongs_to_its_subject() -> None:
    view = show("person.name")
    ledger_actions.sequence(by=CLERK, at=AT)
    assert ledger.proof(view.leaf_id) is not None
    assert queries.disclosure(view.id, subject_key=KEY) == view
    assert queries.disclosure(view.id, subject_key="b" * 64) is None
    assert queries.disclosures_of("b" * 64).items == []
