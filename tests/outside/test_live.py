"""The whole loop over real HTTP both ways: the served site, a stand-in working by itself, and the pages that show it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.utils import timezone
from playwright.sync_api import Page

from tests.outside.played import Mailbox, played
from tests.patience import until
from tests.world import World
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.site import paths
from yiwang.support.connectors import actions as connectors
from yiwang.support.connectors.contracts import DifferenceKind
from yiwang.support.connectors.models import Difference, Line
from yiwang.support.notify import actions as notify
from yiwang.support.notify.contracts import SmsState
from yiwang.support.notify.models import Delivery


def send(world: World) -> None:
    facts = {"title": "新生儿出生一件事", "tail": "0123", "day": timezone.now()}
    notify.send(
        template="anlan.messages.accepted", to_party_id=world.mother.id, facts=facts, case_number="990102", by=SYSTEM,
        at=timezone.now(),
    )  # fmt: skip


def share_key(home: Path) -> None:
    """The served site reads its keys in its own home."""
    ours = paths.folder("outside", mode=0o700) / "sms.key"
    if not ours.exists():
        ours.write_text(_new_key(), "ascii")
    (home / "outside").mkdir()
    (home / "outside" / "sms.key").write_text(ours.read_text("ascii"), "ascii")


def _new_key() -> str:
    import secrets

    return secrets.token_hex(32)


def test_a_text_message_goes_out_and_its_receipt_comes_in(live_site: str, world: World, home: Path) -> None:
    share_key(home)
    with played("sms", home, Mailbox(url=live_site), by_itself=True):
        send(world)
        Line.objects.all().delete()
        assert connectors.pump(system="sms", by=SYSTEM, at=timezone.now().replace(hour=12) + _a_day()) == 1
        until(lambda: Delivery.objects.get().state != SmsState.WAITING)
    assert Delivery.objects.get().state == SmsState.DELIVERED


def test_the_pages(
    live_site: str, world: World, client_as: Callable[[str], Any], open_page: Callable[..., Page], look: Any, home: Path
) -> None:
    from tests.browser import DESK, PHONE

    send(world)
    Line.objects.create(system="household", failures=4, down_since=timezone.now(), trouble="timeout")
    Difference.objects.create(
        system="household", reference="990102202611230000011-02:household:7", about="990102202611230000011-02",
        kind=DifferenceKind.NOT_APPLIED, detail={"code": "cases.cannot-advance"}, found_at=timezone.now(),
    )  # fmt: skip
    for size, name in ((PHONE, "messages-phone"), (DESK, "messages-desk")):
        page = _as(open_page(size), client_as("mother"), live_site)
        page.goto("/my/messages")
        look(page, name)
    page = _as(open_page(DESK), client_as("city.supervisor"), live_site)
    for path, name in (("/desk/outside", "outside-desk"), ("/desk/messages", "staff-messages-desk")):
        page.goto(path)
        look(page, name)


def _as(page: Page, client: Any, site: str) -> Page:
    page.context.add_cookies(
        [{"name": name, "value": morsel.value, "url": site} for name, morsel in client.cookies.items()]
    )
    return page


def _a_day() -> Any:
    from datetime import timedelta

    return timedelta(days=1)


def test_a_page_that_nobody_may_see(live_site: str) -> None:
    with httpx.Client(base_url=live_site, trust_env=False) as client:
        assert client.get("/desk/outside").status_code == 302
        assert client.post("/api/outside/household/messages", json={}).status_code in (401, 503)


pytestmark = pytest.mark.django_db(transaction=True)
