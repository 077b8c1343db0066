"""In a real browser: anyone verifies a certificate, its holder shows it, and a resident checks who saw their data."""

import json
import re
from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from tests.browser import DESK, PHONE
from tests.unit.support.licences.conftest import Issue, issue
from tests.world import World
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.ledger import actions as ledger
from yiwang.support.licences import actions
from yiwang.support.licences.contracts import LicenceView

__all__ = ["issue"]

SIZES = pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
SOUND = "验证通过"
Open = Callable[..., Page]
Look = Callable[..., None]


@pytest.fixture
def licence(live_site: str, world: World, issue: Issue) -> LicenceView:
    made = issue(valid_from=date(2026, 11, 20))
    ledger.sequence(by=SYSTEM, at=timezone.now())
    return made


def signed_in(page: Page, site: str, client: Client) -> Page:
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site}])
    return page


def expect_verdict(page: Page, words: str) -> None:
    expect(page.locator("[data-verdict]:not([hidden])")).to_contain_text(words)


@SIZES
def test_a_stranger_verifies(open_page: Open, look: Look, licence: LicenceView, size: dict[str, object]) -> None:
    page = open_page(size)
    page.goto("/v/")
    look(page, "licence-ask")
    page.fill("#f-code", f"{licence.verify_code[:6]} {licence.verify_code[6:].lower()}")
    page.get_by_role("button", name="查验", exact=True).click()
    page.get_by_text("这份证照有效").wait_for()
    page.get_by_role("button", name="验证").click()
    expect_verdict(page, SOUND)
    expect(page.locator("[data-step].is-done")).to_have_count(4)
    look(page, "licence-valid")


@pytest.mark.parametrize(
    ("part", "old", "new", "step"),
    [
        ("opening.content", '"status":"01"', '"status":"04"', "content"),
        ("leaf_data", '"hash"', '"hesh"', "path"),
        ("checkpoint.note", "\nhash sha256", "\nhash sha257", "signature"),
    ],
)
def test_a_forged_proof_does_not_pass(
    open_page: Open, licence: LicenceView, part: str, old: str, new: str, step: str
) -> None:
    page = open_page(DESK)

    def forge(route: Route) -> None:
        body = route.fetch().text()
        start = body.index('<script id="ledger-proof" type="application/json">') + 50
        end = body.index("</script>", start)
        proof = json.loads(body[start:end])
        place, *below = part.split(".")
        holder = proof[place] if below else proof
        name = below[0] if below else place
        assert old in holder[name]
        holder[name] = holder[name].replace(old, new)
        route.fulfill(body=body[:start] + json.dumps(proof) + body[end:], content_type="text/html; charset=utf-8")

    page.route("**/v/*", forge)
    page.goto(f"/v/{licence.verify_code}")
    page.get_by_role("button", name="验证").click()
    expect_verdict(page, "没有通过")
    expect(page.locator(f"[data-step={step}]")).to_contain_class("is-wrong")


@SIZES
def test_a_cancelled_certificate_is_told_from_a_valid_one(
    open_page: Open, look: Look, licence: LicenceView, world: World, size: dict[str, object]
) -> None:
    actions.cancel(licence_id=licence.id, grounds="重复签发", by=world.actor("health.approver"), at=timezone.now())
    page = open_page(size)
    page.goto(f"/v/{licence.verify_code}")
    expect(page.locator(".yw-verdict")).to_have_text(re.compile(r"^\s*无效"))
    look(page, "licence-cancelled")


@SIZES
def test_a_mother_shows_her_childs_certificate(
    open_page: Open,
    look: Look,
    live_site: str,
    licence: LicenceView,
    client_as: Callable[[str], Client],
    size: dict[str, object],
) -> None:
    page = signed_in(open_page(size), live_site, client_as("mother"))
    page.goto("/my/licences")
    look(page, "licences-mine")
    page.get_by_role("link", name="点按放大").click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_text("对方扫码后看到的是此刻的状态").wait_for()
    look(page, "licences-shown", whole=False)
    dialog.get_by_role("button", name="关闭").click()
    page.get_by_role("link", name="查看和打印").click()
    page.wait_for_url(lambda url: not url.endswith("/my/licences"))
    page.get_by_text("林安").wait_for()
    look(page, "licence-sheet")
    page.emulate_media(media="print")
    expect(page.locator(".yw-header")).to_be_hidden()
    look(page, "licence-sheet-print")


@SIZES
def test_a_clerk_finds_opens_and_suspends(
    open_page: Open,
    look: Look,
    live_site: str,
    licence: LicenceView,
    client_as: Callable[[str], Client],
    size: dict[str, object],
) -> None:
    page = signed_in(open_page(size), live_site, client_as("health.approver"))
    page.goto("/desk/licences")
    look(page, "licences-register")
    page.get_by_role("link", name=licence.number).click()
    page.get_by_role("button", name="查看完整的母亲姓名").click()
    page.get_by_text("陈晓岚").wait_for()
    page.select_option("#to", "suspend")
    page.fill("#grounds", "信息待核")
    page.get_by_role("button", name="确定处理").click()
    page.get_by_text("已处理1份证照。").wait_for()
    look(page, "licence-one")


@SIZES
def test_a_resident_checks_who_saw_her_data(
    open_page: Open,
    look: Look,
    live_site: str,
    world: World,
    client_as: Callable[[str], Client],
    size: dict[str, object],
) -> None:
    audit.disclose(
        subject_key=world.mother.subject_key,
        elements=["person.name", "household.address"],
        purpose="出生登记",
        authority="《户口登记条例》第七条",
        case_number="990102202611230000011-02",
        by=world.actor("police-household.clerk"),
        at=timezone.now(),
    )
    ledger.sequence(by=SYSTEM, at=timezone.now())
    page = signed_in(open_page(size), live_site, client_as("mother"))
    page.goto("/my/data-use")
    look(page, "data-use")
    page.get_by_role("link", name="验证").click()
    expect_verdict(page, SOUND)
    look(page, "data-use-one")
