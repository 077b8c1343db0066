"""In a real browser: every page of the hotline at three sizes."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.browser import DESK, PHONE
from tests.hotline import Hotline
from yiwang.services.hotline.contracts import Caller, Channel, TicketKind

WALL = {"viewport": {"width": 1920, "height": 1080}}
Open = Callable[..., Page]
Look = Callable[..., None]
As = Callable[[str], Client]


def signed_in(page: Page, site: str, client: Client) -> Page:
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site}])
    return page


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
        "hotline.leader": ["/desk/hotline/lead", "/desk/hotline/rates"],
        "hotline.city-upkeep": [f"/desk/cases/{ticket.number}"],
        "mother": ["/hotline", "/hotline/track", "/hotline/mine"],
    }.items():
        page = signed_in(open_page(size), live_site, client_as(who))
        for path in paths:
            page.goto(path)
            expect(page.locator("h1").first).to_be_visible()
            look(page, "hotline-" + path.partition("?")[0].strip("/").replace("/", "-")[:20])
