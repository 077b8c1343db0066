"""送达报告: figures add up, are narrowed to the reader's units, and what did not arrive can be sent again."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.world import AT, World
from yiwang.kernel.access.contracts import NotPermitted
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.support.connectors.models import Push
from yiwang.support.notify import _report, actions
from yiwang.support.notify._report import Asked, BadSpan
from yiwang.support.notify.contracts import CannotSendAgain, MessageView, State
from yiwang.support.notify.models import Delivery, Message

pytestmark = pytest.mark.django_db
TODAY = Asked(AT.date(), AT.date())
FACTS = {"title": "居住证", "tail": "0123", "day": AT, "due": AT}


@pytest.fixture
def sent(world: World) -> list[MessageView]:
    """Four messages of one office: one read, one delivered, one lost, one switched off."""
    made = []
    for n in range(4):
        made += actions.send(
            template="anlan.messages.accepted", to_party_id=world.mother.id, facts=FACTS, case_number=f"case-{n}",
            by=SYSTEM, at=AT,
        )  # fmt: skip
    Message.objects.update(org_id=world.org("health").id)
    actions.mark_read(message_id=made[0].id, by=world.actor("mother"), at=AT + timedelta(hours=2))
    states = (State.DELIVERED, State.WAITING, State.UNDELIVERED, State.DECLINED)
    for message, state in zip(made, states, strict=True):
        Delivery.objects.filter(message=message.id).update(
            state=state, changed_at=AT + timedelta(seconds=90), trouble="sms.off" if state == State.UNDELIVERED else ""
        )
    return made


def test_figures_add_up(world: World, sent: list[MessageView]) -> None:
    by = world.actor("health.approver")
    site, sms = sorted(_report.report(TODAY, by), key=lambda row: row.channel)
    assert (site.total, site.delivered, site.read, site.median) == (4, 4, 1, "2小时")
    assert (sms.total, sms.under_way, sms.delivered, sms.lost, sms.declined, sms.median) == (4, 1, 1, 1, 1, "1分钟")
    (reason,) = _report.reasons(TODAY, by)
    assert (reason.trouble, reason.count) == ("sms.off", 1)
    for group in _report.GROUPS:
        assert sum(row.total for row in _report.report(replace(TODAY, group=group), by)) == 8
    assert _report.report(replace(TODAY, template="no.such"), by) == []
    assert _report.report(Asked(AT.date() - timedelta(days=1), AT.date() - timedelta(days=1)), by) == []


def test_other_units_see_nothing(world: World, sent: list[MessageView]) -> None:
    for who in ("other-health.approver", "health.clerk", "mother"):
        assert _report.report(TODAY, world.actor(who)) == []
        assert _report.dead_letters(world.actor(who)).items == []


@pytest.mark.parametrize("days", [-1, 92])
def test_a_span_has_a_measure(world: World, days: int) -> None:
    with pytest.raises(BadSpan):
        _report.report(Asked(AT.date(), AT.date() + timedelta(days=days)), world.actor("health.approver"))


def test_what_is_lost_is_sent_again_once_and_anew(world: World, sent: list[MessageView]) -> None:
    by = world.actor("health.approver")
    (lost,) = _report.dead_letters(by).items
    assert world.mother.phone not in lost.address
    for stranger in ("other-health.approver", "health.clerk"):
        with pytest.raises(NotPermitted):
            actions.send_again(delivery_id=lost.id, by=world.actor(stranger), at=AT)
    before = Push.objects.count()
    actions.send_again(delivery_id=lost.id, by=by, at=AT)
    assert Push.objects.count() == before + 1
    assert Push.objects.latest("id").reference == f"d-{lost.id}-1"
    with pytest.raises(CannotSendAgain):
        actions.send_again(delivery_id=lost.id, by=by, at=AT)


def test_the_pages(world: World, sent: list[MessageView], client_as: Callable[[str], Any]) -> None:
    client = client_as("health.approver")
    day = f"first={AT:%Y-%m-%d}&last={AT:%Y-%m-%d}"
    page = client.get(f"/desk/messages/report?{day}&group=template").content.decode()
    assert "sms.off" in page
    assert client.get("/desk/messages/report?first=2026-01-01&last=2026-12-31").status_code == 422
    table = client.get(f"/desk/messages/report.csv?{day}").content.decode("utf-8-sig")
    assert ",短信,4,1,1,0,1,1,0,0,0,90" in table
    (lost,) = _report.dead_letters(world.actor("health.approver")).items
    assert client.post(f"/desk/messages/undelivered/{lost.id}/again").status_code == 302
    assert "没有未送达的消息" in client.get("/desk/messages/undelivered").content.decode()
