"""The staff desk at a phone's and a desk's width: the menu is folded to a line on a phone, with script and without."""

from collections.abc import Callable
from typing import Any

from django.test import Client
from playwright.sync_api import Page, expect

from tests.browser import DESK, PHONE
from tests.singles import Singles
from tests.unit.services.verdicts.test_desk_and_replay import two_cases

LINE_PIXELS = 80


def signed_in(page: Page, site: str, client: Client) -> Page:
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site}])
    return page


def menu_is_folded(page: Page) -> None:
    """One line on top, then the page."""
    expect(page.get_by_role("navigation", name="待办分类")).to_be_hidden()
    box = page.locator(".yw-rail").bounding_box()
    assert box is not None
    assert box["height"] < LINE_PIXELS


def test_the_desk_on_a_phone_and_on_a_desk(
    live_site: str,
    open_page: Callable[..., Page],
    look: Callable[..., None],
    singles: Singles,
    client_as: Callable[[str], Client],
) -> None:
    good, _ = two_cases(singles)
    client = client_as("health.reviewer")
    for size in (PHONE, DESK):
        page = signed_in(open_page(size), live_site, client)
        for name, address in (
            ("desk", "/desk?box=unit"),
            ("desk-verdicts", "/desk/verdicts"),
            ("desk-rules", "/desk/rules"),
            ("desk-case", f"/desk/cases/{good}"),
        ):
            page.goto(address)
            if size is PHONE:
                menu_is_folded(page)
            look(page, f"rail-{name}")
    page.goto("/desk/rules?q=优待证")
    expect(page.get_by_role("link", name="老年人优待证")).to_be_visible()


def test_the_menu_opens_and_closes_without_script_and_by_keyboard(
    live_site: str, open_page: Callable[..., Page], singles: Singles, client_as: Callable[[str], Client]
) -> None:
    client = client_as("health.reviewer")
    size: dict[str, Any] = PHONE
    for has_script in (True, False):
        page = signed_in(open_page(size, java_script_enabled=has_script), live_site, client)
        page.goto("/desk")
        menu_is_folded(page)
        page.get_by_role("link", name="菜单 · 待办 0").focus()
        page.keyboard.press("Enter")
        menu = page.get_by_role("navigation", name="待办分类")
        expect(menu.get_by_role("link", name="规则试算")).to_be_visible()
        expect(page.get_by_role("button", name="退出")).to_be_visible()
        page.get_by_role("link", name="收起菜单").click()
        expect(menu).to_be_hidden()
        page.get_by_role("link", name="菜单 · 待办 0").click()
        menu.get_by_role("link", name="规则试算").click()
        expect(page.get_by_role("heading", name="规则试算")).to_be_visible()
        menu_is_folded(page)
