"""In a real browser: an operator takes a call down with the keyboard alone, and every page of the hotline at three sizes."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.browser import DESK, PHONE
from tests.hotline import LIGHT, WORDS, Hotline
from tests.patience import PATIENCE_SECONDS
from tests.world import TOWN
from yiwang.services.hotline.contracts import Caller, Channel, TicketKind

PATIENCE = PATIENCE_SECONDS * 1000
WALL = {"viewport": {"width": 1920, "height": 1080}}
Open = Callable[..., Page]
Look = Callable[..., None]
As = Callable[[str], Client]


def signed_in(page: Page, site: str, client: Client) -> Page:
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site}])
    return page


def test_an_operator_needs_no_mouse(open_page: Open, live_site: str, hotline: Hotline, client_as: As) -> None:
    page = signed_in(open_page(DESK), live_site, client_as("hotline.operator"))
    page.goto("/desk/hotline")
    content, hints = page.get_by_label("说了什么"), page.locator("[data-hints-here]")
    expect(page.get_by_label("来电号码")).to_be_focused(timeout=PATIENCE)
    page.keyboard.type("13900001111")
    page.get_by_label("属地").select_option(TOWN)
    content.focus()
    page.keyboard.type(WORDS)
    # The unit is named by the last answer only, when words and place are both known.
    expect(hints).to_contain_text("区城管局", timeout=PATIENCE)
    page.keyboard.press("Alt+3")
    expect(page.get_by_role("radio", name="投诉")).to_be_checked(timeout=PATIENCE)
    page.keyboard.press("Alt+c")
    expect(page.get_by_label("分类", exact=True)).to_have_value(re.compile(f"^{LIGHT} "), timeout=PATIENCE)
    page.reload()
    expect(content).to_have_value(WORDS, timeout=PATIENCE)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("已派单")).to_be_visible(timeout=PATIENCE)
    expect(content).to_have_value("", timeout=PATIENCE)


@pytest.mark.parametrize("size", [PHONE, DESK, WALL], ids=["phone", "desk", "wall"])
def test_every_page_of_the_hotline(
    open_page: Open, look: Look, live_site: str, hotline: Hotline, client_as: As, size: dict[str, object]
) -> None:
    now = timezone.now()
    mother = hotline.world.actor("mother")
    ticket = hotline.at_unit(at=now)
    hotline.take(kind=TicketKind.REPORT, channel=Channel.WEB, by=mother, caller=Caller("林", "13912345678"), at=now)
    late = hotline.take(at=now - timedelta(days=20))
    hotline.move(late, "desk.dispatch", "operator", at=now - timedelta(days=20))
    for who, paths in {
        "hotline.operator": ["/desk/hotline", "/desk/hotline/tickets?show=all"],
        "hotline.leader": ["/desk/hotline/lead", "/desk/hotline/rates", "/desk/hotline/topics", "/desk/hotline/report"],
        "hotline.city-upkeep": [f"/desk/cases/{ticket.number}"],
        "mother": ["/hotline", "/hotline/track", "/hotline/mine"],
    }.items():
        page = signed_in(open_page(size), live_site, client_as(who))
        for path in paths:
            page.goto(path)
            expect(page.locator("h1").first).to_be_visible()
            look(page, "hotline-" + path.partition("?")[0].strip("/").replace("/", "-")[:20])
