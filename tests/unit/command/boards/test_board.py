"""The board says what is wrong, of the reader's own organisations only, and never a nought where nothing is known."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.world import World
from yiwang.command.boards import queries
from yiwang.command.boards.contracts import Tone
from yiwang.kernel.access.contracts import NotPermitted
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.cases import actions as engine
from yiwang.kernel.cases import queries as engine_queries
from yiwang.kernel.cases.contracts import CaseView
from yiwang.kernel.people import actions as people
from yiwang.kernel.people import queries as read
from yiwang.kernel.people.contracts import AccountKind
from yiwang.kernel.workdays.contracts import LEGAL_TIME
from yiwang.services.feedback import actions as feedback
from yiwang.services.feedback.contracts import Channel
from yiwang.support.login import _ways

FLOW = "national.feedback.bad-rating"  # one post's step with a limit of a work day


@pytest.fixture
def now() -> datetime:
    """Of this test, not of when its module was read."""
    return timezone.now()


def opened(world: World, office: str = "health", *, at: datetime, **more: Any) -> CaseView:
    return engine.open_case(
        kind="application",
        flow=FLOW,
        title="出生医学证明",
        org_id=world.org(office).id,
        region_code="990102000000",
        applicant_id=world.mother.id,
        subject="陈晓岚",
        data={"matter": {"id": "anlan.health.birth-certificate"}},
        limits={},
        by=world.actor("mother"),
        at=at,
        **more,
    )


def closed(world: World, at: datetime) -> CaseView:
    case = opened(world, at=at)
    return engine.terminate(case_id=case.id, reason="测试", by=world.actor("city.supervisor"), at=at)


def rated(world: World, level: int, at: datetime) -> None:
    case = closed(world, at)
    feedback.rate(
        case_id=case.id,
        level=level,
        channel=Channel.WEB,
        tags=["rude"] if level > 3 else [],
        by=world.actor("mother"),
        at=at,
    )


def board(world: World, who: str = "city.leader", *, at: datetime) -> Any:
    return queries.board(world.actor(who), at=at)


def figure(found: Any, key: str) -> Any:
    return next(each for each in found.figures if each.key == key)


def test_what_is_overdue_is_said_first_with_who_and_since_when(world: World, now: datetime) -> None:
    late = opened(world, at=now - timedelta(days=20))
    opened(world, at=now - timedelta(days=15))
    opened(world, "other-health", at=now - timedelta(days=10))
    found = board(world, at=now)
    assert found.is_red
    assert "2个单位超期3件" in found.sentence
    worst, other = found.red_units
    assert (worst.name, worst.count, worst.case_number) == ("区卫健局", 2, late.number)
    assert (worst.who, worst.is_signed, worst.phone) == ("综窗受理员", False, "0990-12345000")
    assert worst.since < now
    assert other.name == "望湖区卫健局"


def test_who_signed_for_it_is_named(world: World, now: datetime) -> None:
    case = opened(world, at=now - timedelta(days=20))
    (task,) = case.steps_open
    engine.sign_for(task_id=task.id, by=world.actor("health.clerk"), at=now - timedelta(days=19))
    (unit,) = board(world, at=now).red_units
    assert (unit.who, unit.is_signed) == (world.account("health.clerk").name, True)


def test_nothing_wrong_is_said_too(world: World, now: datetime) -> None:
    found = board(world, at=now)
    assert not found.is_red
    assert found.sentence.startswith("没有超期")


def test_where_nothing_is_known_no_figure_is_a_nought(world: World, now: datetime) -> None:
    found = board(world, at=now)
    assert {figure.tone for figure in found.figures} == {Tone.ABSENT}
    assert {figure.value for figure in found.figures} == {"未接入", "—"}
    assert found.awaited == ("城市运行体征",)
    assert {net.title: net.count for net in found.nets} == {"12345热线": None, "网格事件": None, "电子监察牌": None}


def test_each_net_is_counted_by_its_kind_of_case(world: World, now: datetime) -> None:
    opened(world, at=now - timedelta(days=20))
    opened(world, "other-health", at=now)
    mine, other = world.org("health"), world.org("other-health")
    day = now.astimezone(LEGAL_TIME).date()
    found = engine_queries.by_kind(day, day, org_ids=[mine.id, other.id], kinds=["application", "ticket"], at=now)
    (count,) = found.values()
    assert (count.kind, count.opened, count.closed, count.open_now, count.overdue_now) == ("application", 1, 0, 2, 1)
    (here,) = engine_queries.by_kind(day, day, org_ids=[mine.id], kinds=["application"], at=now).values()
    assert (here.opened, here.open_now, here.overdue_now) == (0, 1, 1)


def test_filings_of_today_beside_those_of_yesterday(world: World, now: datetime) -> None:
    noon = now.astimezone().replace(hour=12, minute=0)
    opened(world, at=noon - timedelta(days=1))
    opened(world, at=noon - timedelta(days=1))
    opened(world, at=noon)
    found = figure(board(world, at=noon), "filings")
    assert (found.value, found.beside) == ("1", "昨日2件")


def test_the_three_figures_of_days_stand_apart(world: World, now: datetime) -> None:
    keys = [figure.key for figure in board(world, at=now).figures]
    assert {"statutory-days", "promised-days", "actual-days"} <= set(keys)


def test_silence_stands_apart_from_satisfaction(world: World, now: datetime) -> None:
    rated(world, 1, now)
    rated(world, 2, now)
    rated(world, 5, now)
    found = board(world, at=now)
    assert figure(found, "satisfied").value == "67"
    assert [level.count for level in found.ratings.levels] == [1, 1, 0, 0, 1]
    assert (found.ratings.bad, found.ratings.answered, len(found.ratings.unanswered)) == (1, 0, 1)
    assert "1条差评还没有答复" in found.sentence


def test_the_trend_leaves_no_day_out(world: World, now: datetime) -> None:
    opened(world, at=now - timedelta(days=3))
    trend = board(world, at=now).trend
    assert len(trend) == 14
    assert sum(day.opened for day in trend) == 1
    assert [day.on for day in trend] == sorted(day.on for day in trend)


def test_the_funnel_counts_how_far_cases_have_got(world: World, now: datetime) -> None:
    opened(world, at=now - timedelta(days=3))
    closed(world, now - timedelta(days=2))
    funnel = board(world, at=now).funnel
    assert (funnel.opened, funnel.accepted, funnel.turned_away) == (2, 0, 1)


def test_a_leader_sees_only_what_stands_below(world: World, now: datetime) -> None:
    account = people.create_account(kind=AccountKind.STAFF, username="d1", name="区长", by=SYSTEM, at=world.at)
    people.appoint(
        account_id=account.id,
        org_id=world.org("district").id,
        post_type="leader",
        title="分管副区长",
        since=world.at.date() - timedelta(days=900),
        by=SYSTEM,
        at=world.at,
    )
    opened(world, "health", at=now - timedelta(days=20))
    opened(world, "other-health", at=now - timedelta(days=20))
    found = queries.board(read.actor_of(account.id, at=now), at=now)
    assert [unit.name for unit in found.red_units] == ["区卫健局"]


@pytest.mark.parametrize("who", ["health.clerk", "health.approver", "mother"])
def test_it_is_for_leaders(world: World, who: str, now: datetime) -> None:
    with pytest.raises(NotPermitted):
        board(world, who, at=now)


def test_as_many_queries_for_many_units_as_for_one(
    world: World, django_assert_max_num_queries: Any, now: datetime
) -> None:
    who = world.actor("city.leader")
    for office in ("health", "other-health", "police-household", "medical-insurance"):
        for day in range(3):
            opened(world, office, at=now - timedelta(days=10 + day))
    rated(world, 5, now)
    rated(world, 4, now)
    with django_assert_max_num_queries(17):
        queries.board(who, at=now)


def test_the_page_says_it_and_names_the_sources(
    world: World, client_as: Callable[[str], Client], now: datetime
) -> None:
    late = opened(world, at=now - timedelta(days=20))
    body = client_as("city.leader").get("/board").content.decode()
    assert "1个单位超期1件" in body
    assert f"/desk/cases/{late.number}" in body
    assert "0990-12345000" in body
    assert body.count("责任单位") >= 7
    assert "未接入" in body


def test_the_page_is_for_leaders(world: World, client_as: Callable[[str], Client]) -> None:
    assert client_as("health.clerk").get("/board").status_code == 403
    assert client_as("mother").get("/board").status_code == 403
    assert Client().get("/board").status_code == 302


def test_the_api_says_the_same(world: World, client_as: Callable[[str], Client], now: datetime) -> None:
    opened(world, at=now - timedelta(days=20))
    found = client_as("city.leader").get("/api/board").json()
    assert found["is_red"]
    assert found["red_units"][0]["count"] == 1
    assert len(found["trend"]) == 14
    assert client_as("health.clerk").get("/api/board").status_code == 403


def test_a_leader_begins_at_the_board_and_a_clerk_at_the_desk(world: World) -> None:
    assert _ways.first_page(world.actor("city.leader")) == "/board"
    assert _ways.first_page(world.actor("health.clerk")) == "/desk"
    assert _ways.first_page(world.actor("city.supervisor")) == "/desk"
