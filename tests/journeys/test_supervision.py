"""In a real browser: cards of supervision from the list to the card's own case, and what a new calendar changed."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.browser import DESK, PHONE
from tests.world import World, place_packs
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.cases import actions as engine
from yiwang.kernel.cases import jobs
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import CaseView
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.packs.contracts import Pack, PackSet, Text
from yiwang.kernel.workdays.contracts import Limit
from yiwang.kernel.workdays.kinds import CalendarYearPack
from yiwang.office.supervision import actions, queries
from yiwang.office.supervision.contracts import CardView, Colour

SIZES = pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
NEXT_YEAR = timezone.localdate().year + 1
NOTICE = {
    "kind": "CalendarYear",
    "id": "next-year",
    "title": "次年安排",
    "year": NEXT_YEAR,
    "holidays": [{"name": "长假", "from": f"{NEXT_YEAR}-01-01", "to": f"{NEXT_YEAR}-01-12"}],
}


@pytest.fixture
def card(live_site: str, world: World) -> CardView:
    """Late cases at two offices: one card accepted, one pleaded against, one red to be issued."""
    now = timezone.now()
    late = [_late(world, office, days) for office, days in (("health", 4), ("other-health", 4), ("health", 20))]
    cards = [card for case in late for card in queries.of_watched(case.id)]
    _take(world, cards[1], ["sign.signed", "plea.accept"], "other-health.approver")
    _take(world, cards[0], ["sign.signed", "plea.plead"], "health.approver")
    by = world.actor("city.supervisor")
    actions.issue(
        case_number=late[1].number, colour=Colour.RED, reason="两次催办仍不受理，群众反映强烈。", by=by, at=now
    )
    made = Pack(
        "CalendarYear", "next", 1, Text("次年安排"), "x", "anlan", "x.yaml", CalendarYearPack.model_validate(NOTICE), {}
    )
    with packs.using(PackSet([*place_packs(), made])):
        jobs.redate_all(engine.begin_redating(release=0, by=SYSTEM, at=now))
    return queries.get(cards[0].id)


def _late(world: World, office: str, days: int) -> CaseView:
    now = timezone.now()
    case = engine.open_case(
        kind="application",
        flow="standard.public-service",
        title="社会保障卡申领",
        org_id=world.org(office).id,
        region_code=world.org(office).region_code,
        applicant_id=world.mother.id,
        subject="陈晓岚",
        data={},
        limits={"promised": Limit.parse("60 workdays")},
        by=world.actor("mother"),
        at=now - timedelta(days=days + 3),
    )
    (task,) = case.steps_open
    actions.watch(event="overdue", case_id=case.id, clock="step:intake", task_id=task.id, by=SYSTEM, at=now)
    engine.advance(case_id=case.id, step="intake", choice="accept", by=SYSTEM, at=now)
    return case


def _take(world: World, card: CardView, choices: list[str], by: str) -> None:
    for step, _, choice in (one.partition(".") for one in choices):
        case_id = cases.by_number(card.case_number).id
        words = "当日系统故障，已留存记录。" if choice == "plead" else ""
        engine.advance(case_id=case_id, step=step, choice=choice, grounds=words, by=world.actor(by), at=timezone.now())


def signed_in(page: Page, site: str, client: Client) -> Page:
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site}])
    return page


@SIZES
def test_cards_and_recalculations(
    open_page: Callable[..., Page],
    look: Callable[..., None],
    live_site: str,
    card: CardView,
    client_as: Callable[[str], Client],
    size: dict[str, object],
) -> None:
    page = signed_in(open_page(size), live_site, client_as("city.supervisor"))
    page.goto("/desk/cards")
    look(page, "desk-cards")
    page.get_by_role("link", name=card.number).click()
    expect(page.get_by_role("heading", name=f"黄牌 {card.number}")).to_be_visible()
    look(page, "desk-card")
    page.get_by_role("link", name=card.watched_title).first.click()
    expect(page.get_by_role("link", name=f"黄牌 {card.number}")).to_be_visible()
    look(page, "desk-watched")
    page.get_by_role("link", name="催办或发牌").click()
    page.wait_for_url("**/desk/cards/new**")
    look(page, "desk-card-new")
    page.goto("/desk/recalculations")
    look(page, "desk-recalculations")
    page.get_by_role("link", name="第1次").click()
    page.get_by_role("heading", name="第1次期限重算").wait_for()
    expect(page.get_by_text("改期", exact=True).first).to_be_visible()
    look(page, "desk-recalculation")
