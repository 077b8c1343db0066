"""Pages of ratings: staff see theirs, the public sees figures and nobody's name."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.test import Client
from django.utils import timezone

from tests.standing import standing
from tests.world import World
from yiwang.kernel.cases import actions as engine
from yiwang.services.feedback import actions
from yiwang.services.feedback.contracts import Channel

FLOW = "national.feedback.bad-rating"
As = Callable[[str], Client]


def rated(world: World, level: int, *, words: str = "", office: str = "health", at: datetime | None = None) -> None:
    now = at or timezone.now()
    case = engine.open_case(
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
        at=now,
    )
    engine.terminate(case_id=case.id, reason="测试", by=world.actor("city.supervisor"), at=now)
    actions.rate(
        case_id=case.id,
        level=level,
        channel=Channel.WEB,
        tags=["rude"] if level > 3 else [],
        words=words,
        by=world.actor("mother"),
        at=now,
    )


@standing
def heard(world: World) -> None:
    rated(world, 1, words="办得真快")
    rated(world, 5, words="跑了三趟")
    rated(world, 4, words="望湖区的事", office="other-health")


def test_a_unit_sees_its_own_bad_ratings_first(heard: None, client_as: As) -> None:
    body = client_as("health.clerk").get("/desk/ratings").content.decode()
    assert "跑了三趟" in body
    assert "待答复" in body
    assert "办得真快" not in body
    assert "望湖区的事" not in body


def test_all_ratings_on_demand(heard: None, client_as: As) -> None:
    body = client_as("health.clerk").get("/desk/ratings?show=all").content.decode()
    assert "办得真快" in body
    assert "望湖区的事" not in body


def test_the_follow_up_is_one_click_away(heard: None, client_as: As) -> None:
    answer = client_as("health.clerk").get("/api/desk/ratings?waiting=true").json()
    (row,) = answer["items"]
    body = client_as("health.clerk").get("/desk/ratings?show=waiting").content.decode()
    assert f"/desk/cases/{row['follow_up_number']}" in body


def test_the_rail_counts_what_waits(heard: None, client_as: As) -> None:
    body = client_as("city.supervisor").get("/desk/ratings").content.decode()
    assert '群众评价</span><span class="yw-count yw-count-red">2</span>' in body


def test_many_ratings_cost_as_many_queries_as_one(
    world: World, client_as: As, django_assert_max_num_queries: Any
) -> None:
    for n in range(8):
        rated(world, 5, office="health" if n % 2 else "other-health")
    client = client_as("city.supervisor")
    client.get("/desk/ratings")
    with django_assert_max_num_queries(14):
        client.get("/desk/ratings")


def test_a_resident_has_no_desk(world: World, client_as: As) -> None:
    assert client_as("mother").get("/desk/ratings").status_code == 403


def test_the_public_sees_figures_and_no_words(heard: None) -> None:
    body = Client().get("/ratings").content.decode()
    assert "33%" in body
    assert "0/2" in body
    for private in ("跑了三趟", "陈晓岚", "临江区卫生健康局"):
        assert private not in body


def test_a_unit_is_listed_from_five_ratings_on(world: World) -> None:
    for _ in range(5):
        rated(world, 2)
    assert "临江区卫生健康局" in Client().get("/ratings").content.decode()


def test_nobody_rated_is_not_nought_percent(world: World) -> None:
    assert "还没有评价" in Client().get("/ratings").content.decode()
    assert Client().get("/api/ratings").json()["satisfied_percent"] is None


def test_ratings_of_one_matter(heard: None) -> None:
    assert Client().get("/api/ratings?of=anlan.health.birth-certificate").json()["bad"] == 2
    assert Client().get("/api/ratings?of=another").json()["bad"] == 0


def test_the_public_page_speaks_english(heard: None) -> None:
    body = Client().get("/ratings", headers={"accept-language": "en"}).content.decode()
    assert "Very dissatisfied" in body
    assert "2 bad ratings; 0 answered" in body
