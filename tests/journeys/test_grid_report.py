"""In a real browser: a grid worker's phone with and without a network, the map, and one incident."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import DESK, PHONE
from tests.patience import until
from tests.streets import SPOT, Street
from yiwang.governance.incidents.models import Report

WIDE = {"viewport": {"width": 1920, "height": 1080}}
HERE = {"geolocation": {"longitude": SPOT[0], "latitude": SPOT[1]}, "permissions": ["geolocation"]}
KEPT = "async () => Boolean(await caches.match('/grid/report')) && Boolean(await caches.match(document.querySelector('script[src*=\"report\"]').src))"


def signed_in(page: Page, site: str, client: Any) -> Page:
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site}])
    return page


@pytest.fixture
def walker(open_page: Callable[..., Page], street: Street, visit: Any, live_site: str) -> Page:
    page = signed_in(open_page(PHONE, **HERE), live_site, visit("street.grid"))
    page.goto("/grid/report")
    expect(page.locator("[data-report][data-state=ready]")).to_be_visible()
    expect(page.locator("[data-place-words]")).to_contain_text("第1网格")
    return page


def fill(page: Page, street: Street) -> None:
    picture = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": street.picture()}
    page.set_input_files("#photos", [picture])
    expect(page.locator("[data-shots] img")).to_have_count(1)
    page.get_by_role("radio", name="暴露垃圾").check()


def test_three_taps_send_a_report(walker: Page, street: Street, look: Callable[..., None]) -> None:
    fill(walker, street)
    look(walker, "grid-report")
    walker.get_by_role("button", name="上报", exact=True).click()
    expect(walker.locator("[data-said]")).to_contain_text("已上报")
    report = Report.objects.get()
    assert report.incident.grid_code.endswith("001")
    assert len(report.photos) == 1


def test_a_report_without_a_network_is_sent_once_when_it_is_back(
    walker: Page, street: Street, look: Callable[..., None]
) -> None:
    until(lambda: bool(walker.evaluate(KEPT)), "the page was not kept", pause=lambda _: walker.wait_for_timeout(50))
    walker.context.set_offline(True)
    fill(walker, street)
    walker.get_by_role("button", name="上报", exact=True).click()
    unsent = walker.locator("[data-unsent]")
    expect(unsent).to_contain_text("还没有发出（1件）")
    look(walker, "grid-unsent")
    walker.reload()
    expect(unsent).to_contain_text("还没有发出（1件）")
    assert Report.objects.count() == 0
    walker.context.set_offline(False)
    walker.get_by_role("button", name="现在发送").click()
    expect(unsent).to_be_hidden()
    until(lambda: Report.objects.count() == 1, "the report did not arrive")


def test_what_the_server_refuses_stays_and_says_why(walker: Page, street: Street) -> None:
    walker.context.set_geolocation({"longitude": 0.9, "latitude": 0.9})
    expect(walker.locator("[data-place-words]")).to_contain_text("不在任何网格")
    fill(walker, street)
    walker.get_by_role("button", name="上报", exact=True).click()
    expect(walker.locator("[data-unsent]")).to_contain_text("不在任何网格里")
    assert Report.objects.count() == 0


@pytest.mark.parametrize("size", [PHONE, DESK, WIDE], ids=["phone", "desk", "wide"])
def test_the_map_and_one_incident(
    open_page: Callable[..., Page],
    look: Callable[..., None],
    street: Street,
    visit: Any,
    live_site: str,
    size: dict[str, object],
) -> None:
    done = street.report(words="三袋垃圾", place="柳岸路口")
    street.report(spot=(0.1509, 0.15))
    page = signed_in(open_page(size), live_site, visit("street.desk"))
    page.goto("/desk/incidents")
    expect(page.locator("[data-incident-map][data-state]")).to_have_count(1)
    expect(page.locator("[data-code]")).to_have_count(2)
    look(page, "incidents")
    page.goto(f"/desk/incidents/{done.code}")
    expect(page.get_by_role("heading", name="立案")).to_be_visible()
    look(page, "incident")
