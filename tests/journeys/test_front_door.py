"""In a real browser: the front page, 长辈版, search and halls, at a phone's and a desk's width."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import DESK, PHONE
from tests.world import World

SIZES = pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
Open = Callable[..., Page]
Look = Callable[..., None]


@SIZES
def test_the_front_page_is_one_search_away(open_page: Open, look: Look, world: World, size: dict[str, object]) -> None:
    page = open_page(size)
    page.goto("/")
    look(page, "home")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "跳到正文"
    page.get_by_label("搜索事项").fill("社保")
    page.keyboard.press("Enter")
    page.get_by_text("“社保”的搜索结果").wait_for()
    look(page, "search")
    page.goto("/?for=firm")
    look(page, "home-firm")


@SIZES
def test_large_print_stays_until_it_is_switched_off(
    open_page: Open, look: Look, world: World, size: dict[str, object]
) -> None:
    page = open_page(size)
    page.goto("/")
    page.get_by_role("banner").get_by_role("button", name="长辈版").click()
    page.get_by_text("您要办哪件事？").wait_for()
    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "20px"
    look(page, "elder")
    page.get_by_role("main").get_by_role("link", name="附近大厅").click()
    page.get_by_text("有人帮您办").first.wait_for()
    look(page, "elder-halls")
    page.get_by_role("banner").get_by_role("button", name="标准版").click()
    # Leaving at once would take the switch back before it was sent.
    page.get_by_role("banner").get_by_role("button", name="长辈版").wait_for()
    page.goto("/")
    page.get_by_text("按人生阶段办事").wait_for()


@SIZES
def test_the_small_pages_are_sound(open_page: Open, look: Look, world: World, size: dict[str, object]) -> None:
    page = open_page(size)
    for url, name in (("/help", "help"), ("/ask", "ask"), ("/notices", "notices"), ("/no-such-page", "not-found")):
        page.goto(url)
        look(page, name)


def test_english_is_one_press_away(open_page: Open, world: World) -> None:
    page = open_page(DESK)
    page.goto("/halls")
    page.get_by_role("banner").get_by_role("button", name="English").click()
    page.get_by_role("heading", name="Service halls").wait_for()
    expect(page.locator("html")).to_have_attribute("lang", "en")
