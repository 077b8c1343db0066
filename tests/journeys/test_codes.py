"""A code in browsers: shown on a telephone, read from a picture at the counter by the bundled decoder, seen by its holder."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from tests.browser import DESK, PHONE
from tests.journeys.test_one_thing import signed_in
from tests.world import World

pytestmark = pytest.mark.slow


def test_from_the_telephone_to_the_form(
    open_page: Callable[..., Page],
    look: Callable[..., None],
    live_site: str,
    world: World,
    client_as: Callable[[str], Client],
    tmp_path: Path,
) -> None:
    telephone, counter = open_page(PHONE), open_page(DESK)
    signed_in(telephone, client_as("mother"), live_site)
    signed_in(counter, client_as("health.clerk"), live_site)
    telephone.goto("/my/code")
    look(telephone, "my-code")
    picture = tmp_path / "code.png"
    telephone.locator(".yw-code-picture").screenshot(path=picture)
    counter.goto("/desk/scan")
    look(counter, "desk-scan")
    counter.locator("[data-photo]").set_input_files(picture)
    expect(counter.get_by_text("码有效")).to_be_visible()
    counter.goto("/desk/mandate")
    counter.locator("[data-photo]").set_input_files(picture)
    expect(counter.locator("[data-told]")).to_contain_text("已经扫过")
    before = telephone.locator(".yw-code-picture").inner_html()
    telephone.locator("[data-again]").click()
    telephone.wait_for_function("old => document.querySelector('.yw-code-picture').innerHTML !== old", arg=before)
    telephone.locator(".yw-code-picture").screenshot(path=picture)
    counter.locator("[data-photo]").set_input_files(picture)
    expect(counter.locator("[data-told]")).to_contain_text("已填入")
    expect(counter.locator("[name=id_number]")).to_have_value(world.mother.id_number)
    telephone.goto("/my/code/scans")
    expect(telephone.get_by_text("亮码办事").first).to_be_visible()
    look(telephone, "my-code-scans")
