"""A fee in a browser: the case says what is due, the payer pays, has the receipt; staff see orders, fees, comparisons."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.browser import DESK, PHONE
from tests.journeys.test_one_thing import signed_in
from tests.singles import Singles
from tests.unit.services.applications.test_fees import filed
from tests.unit.support.payments.conftest import fee_officer
from tests.unit.support.payments.till import Till
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.support.payments import _channels, queries
from yiwang.support.payments import actions as payments
from yiwang.support.payments.contracts import StatementLine

pytestmark = pytest.mark.slow
Look = Callable[..., None]


@pytest.mark.parametrize("size", [pytest.param(PHONE, id="phone"), pytest.param(DESK, id="desk")])
def test_from_the_case_to_the_receipt(
    open_page: Callable[..., Page],
    look: Look,
    singles: Singles,
    live_site: str,
    client_as: Callable[[str], Client],
    monkeypatch: pytest.MonkeyPatch,
    size: dict[str, object],
) -> None:
    till = Till("sandbox")
    monkeypatch.setitem(_channels.ADAPTERS, "sandbox", lambda _: till)
    case = filed(singles)
    page = open_page(size)
    signed_in(page, client_as("mother"), live_site)
    page.goto(f"/my/cases/{case.number}")
    look(page, "fee-case")
    page.get_by_role("link", name="去缴费").first.click()
    look(page, "fee-order")
    # The site is another process: the till stands in this one.
    (order,) = queries.of_case(case.number)
    payer = singles.world.actor("mother")
    payments.start_payment(number=order.number, channel="sandbox", by=payer, at=timezone.now())
    page.reload()
    expect(page.get_by_role("link", name="去付款页")).to_be_visible()
    look(page, "fee-begun")
    till.pay(next(iter(till.wanted)))
    payments.check(number=order.number, by=payer, at=timezone.now())
    page.reload()
    expect(page.get_by_role("heading", name="电子票据")).to_be_visible()
    look(page, "fee-paid")
    page.get_by_role("link", name="查验", exact=True).click()
    expect(page.get_by_text("真实有效")).to_be_visible()
    look(page, "fee-receipt")
    page.goto("/my/payments")
    look(page, "fee-mine")
    page.goto("/my")
    look(page, "fee-space")
    _staff(page, look, singles, live_site, client_as, monkeypatch, till)


def _staff(
    page: Page,
    look: Look,
    singles: Singles,
    live_site: str,
    client_as: Callable[[str], Client],
    monkeypatch: pytest.MonkeyPatch,
    till: Till,
) -> None:
    singles.world.accounts["city.fees"] = fee_officer(singles.world)
    lines = [*till.statement(timezone.localdate()), StatementLine(False, "ZZ1", "C-1", 500)]
    monkeypatch.setattr(till, "statement", lambda day: lines)
    payments.reconcile(channel="sandbox", day=timezone.localdate() - timedelta(days=1), by=SYSTEM, at=timezone.now())
    order = queries.of_payer(singles.world.actor("mother")).items[0]
    page.context.clear_cookies()
    signed_in(page, client_as("city.fees"), live_site)
    for path, name in (
        ("payments", "orders"),
        (f"payments/{order.number}", "order"),
        ("fees", "items"),
        ("reconciliations", "days"),
    ):
        page.goto(f"/desk/{path}")
        look(page, f"fee-desk-{name}")
