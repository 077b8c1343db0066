"""In a real browser: a parent finds the one-thing, fills the one form, uploads, checks, files, and keeps the receipt."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser import DESK, PHONE
from tests.families import Family
from tests.patience import until
from yiwang.kernel.cases.models import Case

SIZES = pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
Open = Callable[..., Page]
Look = Callable[..., None]
BASE = "/journeys/anlan.birth.one-thing"


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "baby.png"
    Image.new("RGB", (200, 250), "white").save(path)
    return path


def signed_in(page: Page, client: Client, live_site: str) -> None:
    """The browser takes over a sitting that was begun by the test."""
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_site}])


@SIZES
def test_what_anyone_may_read(open_page: Open, look: Look, family: Family, size: dict[str, object]) -> None:
    page = open_page(size)
    page.goto("/matters?q=出生")
    look(page, "matters")
    page.get_by_role("link", name="出生登记").first.click()
    expect(page.get_by_role("heading", name="材料")).to_be_visible()
    look(page, "guide")
    page.goto(BASE)
    look(page, "one-thing")
    page.goto("/journeys")
    look(page, "one-things")


@SIZES
def test_from_the_landing_page_to_the_receipt(
    open_page: Open,
    look: Look,
    family: Family,
    live_site: str,
    client_as: Callable[[str], Client],
    photo: Path,
    size: dict[str, object],
) -> None:
    page = open_page(size)
    signed_in(page, client_as("mother"), live_site)
    page.goto(BASE)
    page.get_by_label("在哪里办").select_option(label="临江区")
    page.get_by_role("button", name="立即办理").click()
    page.wait_for_url("**/form")
    look(page, "one-thing-form")
    fill(page, family)
    page.wait_for_url("**/materials")
    look(page, "one-thing-materials")
    page.get_by_label("选择文件").set_input_files(photo)
    page.get_by_role("button", name="下一步").click()
    page.wait_for_url("**/review")
    look(page, "one-thing-review")
    page.get_by_role("button", name="提交").click()
    page.wait_for_url("**/receipt")
    expect(page.get_by_text("已经提交")).to_be_visible()
    look(page, "one-thing-receipt")
    with page.expect_download() as saved:
        page.get_by_role("button", name="保存为图片").click()
    number = Case.objects.get(kind="journey").number
    assert saved.value.suggested_filename == f"回执{number}.png"
    with Image.open(saved.value.path()) as picture:
        assert picture.width == 1440


def fill(page: Page, family: Family) -> None:
    """Every screen of the form, as the form shows them one after another."""
    answers = {
        "children.0.child_name": "林小满",
        "children.0.child_sex": "2",
        "children.0.child_born_at": "2026-01-05T08:30",
        "children.0.child_ethnicity": "01",
        "institution": family.world.org("hospital").name,
        "mother_phone": family.world.mother.phone,
        "has_father": "true",
        "parents_married": "true",
        "register_here": "true",
        "settle_with": "mother",
        "householder_is_parent": "true",
        "household_kind": "1",
        "card_bank": "102",
        "wants_benefit": "false",
        "wants_guidance": "false",
        "delivery_wanted": "false",
        "informed": "true",
    }
    for _ in range(20):
        for name, value in answers.items():
            put(page, name, value)
        onward(page)
        if "/materials" in page.url:
            return
    raise AssertionError("the form did not come to an end: " + page.inner_text("main")[:2000])


def onward(page: Page) -> None:
    """Press on from this screen, and wait until another one, the next page or a refusal is there."""
    before = page.url
    page.evaluate("document.querySelectorAll('[data-errors]').forEach(box => box.dataset.seen = '')")
    page.get_by_role("button", name="下一步").or_(page.get_by_role("button", name="核对并提交")).first.click()
    refusal = page.locator("[data-errors]:not([data-seen])")
    until(lambda: page.url != before or refusal.count() > 0, pause=lambda _: page.wait_for_timeout(20))
    page.wait_for_load_state()


def put(page: Page, name: str, value: str) -> None:
    """Answer a question if it stands on this screen."""
    day = page.locator(f'[name="{name}.day"]')
    if day.count() and day.first.is_visible():
        day.first.fill(value.partition("T")[0])
        page.locator(f'[name="{name}.clock"]').first.fill(value.partition("T")[2])
        return
    found = page.locator(f'[name="{name}"]')
    if not found.count() or (
        not found.first.is_visible() and found.first.get_attribute("type") not in ("radio", "checkbox")
    ):
        return
    kind = found.first.evaluate("each => each.tagName === 'SELECT' ? 'select' : each.type")
    if kind == "radio":
        choice = page.locator(f'[name="{name}"][value="{value}"]')
        if choice.is_visible():
            choice.check()
    elif kind == "checkbox":
        if found.first.is_visible():
            found.first.check()
    elif kind == "select":
        found.first.select_option(value)
    else:
        found.first.fill(value)
