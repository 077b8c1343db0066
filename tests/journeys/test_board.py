"""In a real browser: a leader's board on a desk and on a phone, in both themes, as pictures and as tables."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.browser import DESK, PHONE
from tests.unit.command.boards.test_board import closed, opened, rated
from tests.world import World

SIZES = pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
WALL = {"viewport": {"width": 3840, "height": 2160}}
Open = Callable[..., Page]
Look = Callable[..., None]


@pytest.fixture
def busy(live_site: str, world: World) -> World:
    """Some weeks of work: much done, some late, some badly rated."""
    now = timezone.now()
    for day in range(13):
        for _ in range(1 + day * 5 % 4):
            closed(world, now - timedelta(days=day))
        opened(world, at=now - timedelta(hours=day))
    for office, n in (("health", 3), ("other-health", 1), ("medical-insurance", 2)):
        for day in range(n):
            opened(world, office, at=now - timedelta(days=12 + day))
    for level in (1, 1, 1, 2, 3, 5, 4):
        rated(world, level, now - timedelta(days=level))
    return world


def signed_in(page: Page, site: str, client: Client) -> Page:
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site}])
    return page


@pytest.mark.parametrize("size", [PHONE, DESK, WALL], ids=["phone", "desk", "wall"])
def test_the_board(
    open_page: Open,
    look: Look,
    live_site: str,
    busy: World,
    client_as: Callable[[str], Client],
    size: dict[str, object],
) -> None:
    page = signed_in(open_page(size), live_site, client_as("city.leader"))
    page.goto("/board")
    page.locator("[data-chart=ratings] svg").wait_for()
    expect(page.get_by_role("table", name="群众评价")).to_be_hidden()
    look(page, "board")
    page.keyboard.press("t")
    expect(page.get_by_role("table", name="群众评价")).to_be_visible()
    look(page, "board-tables")
    page.keyboard.press("t")
    expect(page.get_by_role("table", name="群众评价")).to_be_hidden()
    page.get_by_role("button", name="深色").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    look(page, "board-dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_without_script_the_figures_stand_in_tables(
    open_page: Open, live_site: str, busy: World, client_as: Callable[[str], Client]
) -> None:
    page = signed_in(open_page(DESK, java_script_enabled=False), live_site, client_as("city.leader"))
    page.goto("/board")
    expect(page.get_by_role("table", name="每日收件与办结")).to_be_visible()


@SIZES
def test_ratings(
    open_page: Open,
    look: Look,
    live_site: str,
    busy: World,
    client_as: Callable[[str], Client],
    size: dict[str, object],
) -> None:
    page = signed_in(open_page(size), live_site, client_as("city.supervisor"))
    page.goto("/desk/ratings")
    look(page, "desk-ratings")
    page.goto("/ratings")
    look(page, "ratings")
