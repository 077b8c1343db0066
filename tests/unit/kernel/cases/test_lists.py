"""The lists of a desk: what is in each box, for whom, in which order, and at what cost."""

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from tests.unit.kernel.cases.conftest import Club
from yiwang.kernel.base.contracts import SYSTEM, Invalid
from yiwang.kernel.cases import actions, queries
from yiwang.kernel.cases.contracts import CaseView, Lamp


def numbers(club: Club, who: str, box: str, **more: object) -> list[str]:
    found: list[str] = []
    cursor = None
    while True:
        page = queries.work_list(club.actor(who), box=box, cursor=cursor, size=2, at=club.at, **more)  # type: ignore[arg-type]
        found += [row.number for row in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return found


@pytest.fixture
def several(club: Club) -> list[CaseView]:
    """Five cases at the near court, opened a day apart, and one at the far court."""
    cases = [club.open(at=club.at - timedelta(days=age)) for age in (0, 1, 4, 5, 6)]
    club.open(org_id=club.world.org("other-health").id)
    return cases


def test_the_most_urgent_comes_first(club: Club, several: list[CaseView]) -> None:
    assert numbers(club, "ann", "todo") == [case.number for case in reversed(several)]
    page = queries.work_list(club.actor("ann"), at=club.at)
    assert [row.lamp for row in page.items] == [Lamp.RED, Lamp.RED, Lamp.YELLOW, Lamp.GREEN, Lamp.GREEN]
    assert {row.applicant for row in page.items} == {"陈**"}
    assert {row.org_name for row in page.items} == {"区卫健局"}


def test_due_and_overdue(club: Club, several: list[CaseView]) -> None:
    assert set(numbers(club, "ann", "overdue")) == {case.number for case in several[3:]}
    assert numbers(club, "ann", "due") == [several[2].number]


def test_pages_go_back_as_they_came(club: Club, several: list[CaseView]) -> None:
    first = queries.work_list(club.actor("ann"), size=2, at=club.at)
    second = queries.work_list(club.actor("ann"), size=2, cursor=first.next_cursor, at=club.at)
    back = queries.work_list(club.actor("ann"), size=2, cursor=second.previous_cursor, at=club.at)
    assert [row.number for row in back.items] == [row.number for row in first.items]
    assert first.previous_cursor is None


def test_another_court_sees_nothing_of_it(club: Club, several: list[CaseView]) -> None:
    assert len(numbers(club, "far", "todo")) == 1
    assert len(numbers(club, "far", "unit")) == 1
    assert numbers(club, "cat", "todo") == []
    assert len(numbers(club, "cat", "unit")) == 5
    assert len(numbers(club, "warden", "unit")) == 6
    assert numbers(club, "warden", "todo") == []


def test_what_a_colleague_signed_for_leaves_my_list(club: Club, several: list[CaseView]) -> None:
    task = several[0].steps_open[0]
    actions.sign_for(task_id=task.id, by=club.actor("bob"), at=club.at)
    assert several[0].number not in numbers(club, "ann", "todo")
    assert several[0].number in numbers(club, "bob", "todo")
    assert several[0].number not in numbers(club, "bob", "unsigned")
    assert several[0].number in numbers(club, "ann", "unit")


def test_waiting_and_done(club: Club, several: list[CaseView]) -> None:
    club.take(several[0], "request.ask", "ann", grounds="照片不清")
    assert numbers(club, "ann", "waiting") == [several[0].number]
    assert numbers(club, "ann", "done") == [several[0].number]
    assert numbers(club, "bob", "done") == []
    waiting = queries.waiting_for_applicant(club.world.mother.id)
    assert [(task.case_id, task.step) for task in waiting] == [(several[0].id, "photo")]


def test_counts_agree_with_the_lists(club: Club, several: list[CaseView]) -> None:
    club.take(several[0], "request.ask", "ann", grounds="照片不清")
    for who in ("ann", "bob", "cat", "far", "warden"):
        counted = queries.counts(club.actor(who), at=club.at)
        assert counted == {box: len(numbers(club, who, box)) for box in counted}


def test_filters(club: Club, several: list[CaseView]) -> None:
    club.open(kind="training")
    assert len(numbers(club, "ann", "todo", kind="match")) == 5
    assert len(numbers(club, "warden", "unit", org_id=club.world.org("other-health").id)) == 1
    with pytest.raises(Invalid):
        queries.work_list(club.actor("ann"), box="secret", at=club.at)


def test_a_page_costs_the_same_for_few_and_many(
    club: Club, several: list[CaseView], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    ann, warden = club.actor("ann"), club.actor("warden")
    queries.work_list(ann, at=club.at)
    with django_assert_max_num_queries(3):
        queries.work_list(ann, at=club.at)
    with django_assert_max_num_queries(3):
        queries.work_list(warden, box="unit", at=club.at)
    with django_assert_max_num_queries(1):
        queries.counts(warden, at=club.at)


def test_an_applicants_cases_cost_the_same_for_few_and_many(
    club: Club, several: list[CaseView], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(5):
        page = queries.of_applicant(club.world.mother.id, size=4, at=club.at)
    assert len(page.items) == 4
    assert queries.of_applicant(club.world.mother.id, page.next_cursor, size=4, at=club.at).next_cursor is None


def test_the_summary_counts_what_was_opened_closed_and_late(club: Club, several: list[CaseView]) -> None:

    actions.sweep(by=SYSTEM, at=club.at)
    day = club.at.date()
    rows = {row.org_id: row for row in queries.summary_by_org(day - timedelta(days=9), day, at=club.at)}
    near = rows[club.world.org("health").id]
    assert (near.opened, near.closed, near.open_now, near.overdue_now) == (5, 0, 5, 2)
