"""A case whose step runs in the household system, from filing to the result, and through its bad days."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from tests.outside.played import Played
from tests.world import World, place_packs
from yiwang.kernel.base.codes import is_id_number
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.cases import actions as cases
from yiwang.kernel.cases import queries as cases_queries
from yiwang.kernel.cases.contracts import CaseView
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.packs.contracts import PackSet
from yiwang.kernel.workdays.contracts import Limit
from yiwang.support.connectors import actions, queries

pytestmark = pytest.mark.django_db
HERE = Path(__file__).parent / "packs"


@pytest.fixture(autouse=True)
def both_packs(world: World) -> Iterator[None]:
    """The demo place's packs (posts, calendar, messages), with the systems and the flow of these tests over them."""
    with packs.using(PackSet([*place_packs(), *packs.read(HERE)])):
        yield


@pytest.fixture
def file(world: World, data: dict[str, Any]) -> Callable[..., CaseView]:
    """Open a case at the police station and accept it there, which pushes it."""

    def filed(**changes: Any) -> CaseView:
        at = timezone.now()
        case = cases.open_case(
            kind="tests",
            flow="tests.registration",
            title="出生登记",
            org_id=world.org("police-household").id,
            region_code="990102000000",
            applicant_id=world.mother.id,
            subject="林小满",
            data=data | changes,
            limits={"promised": Limit.parse("1 workday")},
            by=world.actor("mother"),
            at=at,
        )
        clerk = world.actor("police-household.clerk")
        return cases.advance(case_id=case.id, step="intake", choice="accept", by=clerk, at=at)

    return filed


def steps(case: CaseView) -> list[str]:
    return [task.step for task in cases_queries.peek(case.id).steps_open]


def history(case: CaseView) -> list[tuple[str, str]]:
    return [(event.kind, event.grounds) for event in cases_queries.history(case.id)]


def test_nobody_types_anything_twice(
    play: Callable[..., Played], file: Callable[..., CaseView], run_jobs: Callable[[], int]
) -> None:
    household = play("household")
    case = file()
    run_jobs()
    assert steps(case) == ["police"]
    assert [letter.hand_in().status_code for letter in household.finish()] == [200, 200, 200]

    closed = cases_queries.peek(case.id)
    assert (closed.outcome, steps(case)) == ("granted", [])
    results = cases_queries.results(case.id)
    assert is_id_number(results["child.id_number"])
    assert results["child.household_book_no"]


def test_an_hour_without_the_household_system(
    play: Callable[..., Played], file: Callable[..., CaseView], run_jobs: Callable[[], int]
) -> None:
    household = play("household")
    household.control(down_minutes=60)
    case, now = file(), timezone.now()
    run_jobs()
    for minutes in (1, 2):
        actions.pump(system="household", by=SYSTEM, at=now + timedelta(minutes=minutes))
    run_jobs()

    told = [words for kind, words in history(case) if kind == "outside-progress"]
    assert len(told) == 1
    assert told[0].startswith("对方系统（公安户籍管理系统）暂不可用，自")
    (push,) = [each for each in queries.pushes_about(case.number) if each.system == "household"]
    assert push.sentence == told[0]

    household.control(advance_minutes=61)
    assert actions.pump(system="household", by=SYSTEM, at=now + timedelta(minutes=62)) == 1
    for letter in household.finish():
        letter.hand_in()
    assert cases_queries.peek(case.id).outcome == "granted"


def test_answers_in_any_order_and_twice_close_the_case_once(
    play: Callable[..., Played], file: Callable[..., CaseView], run_jobs: Callable[[], int]
) -> None:
    household = play("household", duplicate=1000)
    case = file()
    run_jobs()
    letters = household.finish()
    assert {letter.hand_in().status_code for letter in letters[::-1]} == {200}
    assert cases_queries.peek(case.id).outcome == "granted"
    assert [kind for kind, _ in history(case)].count("outside-result") == 1


def test_a_lost_result_is_found_by_the_comparison(
    play: Callable[..., Played], file: Callable[..., CaseView], run_jobs: Callable[[], int]
) -> None:
    household = play("household", lose=1000)
    case = file()
    run_jobs()
    for _ in range(7):
        household.work(minutes=30)
    assert steps(case) == ["police"]
    actions.reconcile(system="household", day=timezone.localdate(), by=SYSTEM, at=timezone.now())
    assert cases_queries.peek(case.id).outcome == "granted"


def test_a_name_to_confirm_goes_back_to_the_parents_and_out_again(
    play: Callable[..., Played], file: Callable[..., CaseView], world: World, data: Any, run_jobs: Callable[[], int]
) -> None:
    household = play("household")
    case = file(child=data["child"] | {"name": "林𠅤"})
    run_jobs()
    for letter in household.finish():
        letter.hand_in()
    assert steps(case) == ["correction"]
    assert any("请监护人确认字形" in words for _, words in history(case))


def test_what_cannot_be_pushed_comes_back_to_the_clerk(
    play: Callable[..., Played], file: Callable[..., CaseView], run_jobs: Callable[[], int]
) -> None:
    play("household")
    case = file(certificate_no="")
    run_jobs()
    assert ("outside-failed", "这件业务还缺对方系统必需的内容,不能推送。") in history(case)


def test_an_answer_after_a_clerk_acted_is_kept_but_changes_nothing(
    play: Callable[..., Played], file: Callable[..., CaseView], world: World, run_jobs: Callable[[], int]
) -> None:
    household = play("household")
    case = file()
    run_jobs()
    letters = household.finish()
    cases.withdraw(case_id=case.id, by=world.actor("mother"), at=timezone.now(), reason="不办了")
    assert {letter.hand_in().status_code for letter in letters} == {200}
    assert cases_queries.peek(case.id).outcome == "withdrawn"
    assert [kind for kind, _ in history(case)].count("outside-late") == 3


def test_what_is_withdrawn_while_the_line_is_down_is_not_pushed(
    play: Callable[..., Played], file: Callable[..., CaseView], world: World, run_jobs: Callable[[], int]
) -> None:
    household = play("household")
    household.control(down_minutes=60)
    case, now = file(), timezone.now()
    run_jobs()
    cases.withdraw(case_id=case.id, by=world.actor("mother"), at=now, reason="不办了")
    household.control(advance_minutes=61)
    assert actions.pump(system="household", by=SYSTEM, at=now + timedelta(minutes=62)) == 0
    assert household.control()["items"] == 0
    (push,) = [each for each in queries.pushes_about(case.number) if each.system == "household"]
    assert push.state == "cancelled"
