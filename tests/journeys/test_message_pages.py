"""The pages of messages as they look, on a telephone and on a desk."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.browser import DESK, PHONE
from tests.journeys.test_one_thing import signed_in
from tests.world import World
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.support.notify import actions
from yiwang.support.notify.models import Delivery, Message

pytestmark = pytest.mark.slow


def test_what_people_choose_and_what_staff_see(
    open_page: Callable[..., Page],
    look: Callable[..., None],
    live_site: str,
    world: World,
    client_as: Callable[[str], Client],
) -> None:
    _some_messages(world)
    office, file = world.org("health").id, f"证件号码\n{world.mother.id_number}\n{world.father.id_number}\n1\n"
    made = actions.compose_campaign(
        template="anlan.messages.benefit-news", facts={"title": "高龄津贴", "due": "2026-12-31"}, org_id=office,
        filename="名单.csv", content=file.encode(), by=world.actor("health.reviewer"), at=timezone.now(),
    )  # fmt: skip
    for size in (PHONE, DESK):
        reader = open_page(size)
        signed_in(reader, client_as("mother"), live_site)
        reader.goto("/my/messages/preferences")
        look(reader, "message-preferences")
        staff = open_page(size)
        signed_in(staff, client_as("health.approver"), live_site)
        staff.goto("/desk/messages/report?group=template")
        expect(staff.locator("[data-report] svg")).to_be_visible()
        look(staff, "message-report")
        for path, name in (
            ("/desk/messages/undelivered", "message-undelivered"),
            ("/desk/campaigns", "campaigns"),
            (f"/desk/campaigns/{made.id}", "campaign"),
        ):
            staff.goto(path)
            look(staff, name)
    writer = open_page(DESK)
    signed_in(writer, client_as("health.reviewer"), live_site)
    writer.goto("/desk/campaigns/new?template=anlan.messages.benefit-news")
    look(writer, "campaign-new")
    reader.locator("input[value='news:sms']").uncheck()
    reader.get_by_role("button", name="保存").click()
    expect(reader.get_by_text("已保存")).to_be_visible()
    expect(reader.locator("input[value='news:sms']")).not_to_be_checked()


def _some_messages(world: World) -> None:
    at, facts = timezone.now(), {"title": "居住证", "tail": "0123", "day": timezone.now(), "due": timezone.now()}
    values: dict[str, Any] = {"template": "anlan.messages.accepted", "facts": facts, "by": SYSTEM, "at": at}
    for n in range(3):
        actions.send(to_party_id=world.mother.id, case_number=f"case-{n}", **values)
    Message.objects.update(org_id=world.org("health").id)
    first = Delivery.objects.order_by("id").first()
    Delivery.objects.filter(pk=first.pk if first else 0).update(state="undelivered", trouble="sms.unreachable")
