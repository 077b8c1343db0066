"""The desk's pages of supervision, and the same as JSON."""

from collections.abc import Callable

import pytest
from django.test import Client

from tests.standing import standing
from tests.world import World
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.cases import actions as engine
from yiwang.kernel.cases import jobs
from yiwang.kernel.cases.contracts import CaseView
from yiwang.kernel.orgs import queries as orgs
from yiwang.office.supervision import actions, queries
from yiwang.office.supervision.contracts import CardView, Colour

ClientAs = Callable[[str], Client]


@standing
def case(world: World) -> CaseView:
    return engine.open_case(
        kind="application",
        flow="standard.public-service",
        title="社会保障卡申领",
        org_id=world.org("health").id,
        region_code="990102000000",
        applicant_id=world.mother.id,
        subject="陈晓岚",
        data={},
        limits={},
        by=world.actor("mother"),
        at=world.at,
    )


@pytest.fixture
def card(world: World, case: CaseView) -> CardView:
    by = world.actor("city.supervisor")
    return actions.issue(case_number=case.number, colour=Colour.YELLOW, reason="超期三日", by=by, at=world.at)


def test_the_list_shows_a_card_with_its_unit_and_leads_to_its_case(card: CardView, client_as: ClientAs) -> None:
    for who in ("city.supervisor", "health.approver"):
        body = client_as(who).get("/desk/cards?month=2026-11").content.decode()
        assert "安效监黄〔2026〕第1号" in body
        assert "区卫健局" in body
        assert f"/desk/cases/{card.case_number}" in body
    other = client_as("other-health.approver").get("/desk/cards").content.decode()
    assert "安效监黄" not in other


def test_the_list_is_narrowed_by_unit_state_and_month(world: World, card: CardView, client_as: ClientAs) -> None:
    client = client_as("city.supervisor")
    shown = {
        query: "安效监黄〔2026〕第1号" in client.get(f"/desk/cards?{query}").content.decode()
        for query in ("state=open", "state=lifted", "month=2026-10", f"unit={card.org_id}", "unit=1", "month=x&unit=y")
    }
    assert list(shown.values()) == [True, False, False, True, False, True]


def test_a_card_is_given_out_on_the_page(case: CaseView, client_as: ClientAs) -> None:
    client = client_as("city.supervisor")
    refused = client.post("/desk/cards/new", {"case": case.number, "colour": "red", "reason": " "})
    assert (refused.status_code, queries.of_watched(case.id)) == (422, [])
    done = client.post("/desk/cards/new", {"case": case.number, "colour": "red", "reason": "拒不受理"}, follow=True)
    assert "已发红牌：安效监红〔2026〕第1号" in done.content.decode()
    other = client_as("health.clerk").post("/desk/cards/new", {"case": case.number, "colour": "red", "reason": "x"})
    assert other.status_code == 403
    assert "这个办件的牌由安澜市效能监督中心发" in other.content.decode()


def test_a_supervisor_urges_on_the_page(case: CaseView, client_as: ClientAs) -> None:
    client = client_as("city.supervisor")
    assert "已催办" in client.post("/desk/cards/urge", {"case": case.number}, follow=True).content.decode()
    assert client.post("/desk/cards/urge", {"case": case.number}).status_code == 429


def test_the_cards_case_page_says_number_reason_and_what_it_is_about(
    case: CaseView, card: CardView, client_as: ClientAs
) -> None:
    body = client_as("city.supervisor").get(f"/desk/cases/{card.case_number}").content.decode()
    assert "安效监黄〔2026〕第1号" in body
    assert "超期三日" in body
    assert f"/desk/cases/{case.number}" in body
    about = client_as("city.supervisor").get(f"/desk/cases/{case.number}").content.decode()
    assert f"/desk/cases/{card.case_number}" in about
    assert f"/desk/cards/new?case={case.number}" in about
    assert "/desk/cards/new" not in client_as("health.clerk").get(f"/desk/cases/{case.number}").content.decode()


def test_cards_as_json(case: CaseView, client_as: ClientAs) -> None:
    client = client_as("city.supervisor")
    body = {"case_number": case.number, "colour": "yellow", "reason": "超期"}
    made = client.post("/api/desk/cards", body, content_type="application/json")
    assert (made.status_code, made.json()["status"]) == (200, "issued")
    (item,) = client.get("/api/desk/cards?status=issued").json()["items"]
    assert item["number"] == made.json()["number"]
    (figure,) = client.get("/api/desk/cards/figures?since=2026-11-01&until=2099-12-31").json()
    assert (figure["yellow"], figure["score"]) == (1, 0)


def test_recalculations_on_a_page_as_json_and_as_csv(world: World, case: CaseView, client_as: ClientAs) -> None:
    run = jobs.redate_all(engine.begin_redating(release=0, by=SYSTEM, at=world.at))
    client = client_as("city.supervisor")
    assert f"/desk/recalculations/{run.id}" in client.get("/desk/recalculations").content.decode()
    page = client.get(f"/desk/recalculations/{run.id}").content.decode()
    assert "没有改动" in page
    supervisor = world.actor("city.supervisor")
    named = orgs.named(post.org_id for post in supervisor.posts)
    assert (
        f"这里只列您的岗位（{'、'.join(named[post.org_id].short_name for post in supervisor.posts)}）监督到的单位"
        in page
    )
    nobody = client_as("health.clerk").get(f"/desk/recalculations/{run.id}").content.decode()
    assert "您的岗位不监督任何单位的期限" in nobody
    answer = client.get(f"/desk/recalculations/{run.id}.csv")
    assert answer.content.decode("utf-8-sig").startswith("办件编号,期限,原到期日,现到期日")
    assert answer.content.count("\ufeff".encode()) == 1
    assert client.get(f"/api/desk/recalculations/{run.id}").json()["items"] == []
    assert client.get("/api/desk/recalculations").json()["items"][0]["seen"] == run.seen
    assert client.get("/desk/recalculations/999999").status_code == 404
