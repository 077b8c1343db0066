"""What people choose is kept by every way of sending, within what the law lets them switch off."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.core import signing

from tests.world import AT, SHANGHAI, World
from yiwang.kernel.base.contracts import ANONYMOUS, SYSTEM, Denied
from yiwang.kernel.base.throttle import TooOften
from yiwang.support.connectors.models import Push
from yiwang.support.notify import _clock, _mail, _preferences, actions, queries
from yiwang.support.notify.contracts import Channel, Choices, LinkOver, SmsState, State, WrongPreference
from yiwang.support.notify.models import Delivery, Preference

pytestmark = pytest.mark.django_db
SITE = "https://place.example"
FACTS = {
    "title": "残疾人证",
    "tail": "0123",
    "day": AT,
    "due": AT + timedelta(days=7),
    "phone": "0990-12345",
    "unit": "区卫健局",
}
CHOSEN = Choices(frozenset())


def send(party_id: int, template: str = "anhe.messages.licence-ending", **more: Any) -> None:
    said = {"case_number": "", "by": SYSTEM, "at": AT, **more}
    actions.send(template=template, to_party_id=party_id, facts=FACTS, **said)


def choose(world: World, who: str = "mother", **changes: Any) -> None:
    actions.choose(choices=replace(CHOSEN, **changes), by=world.actor(who), at=AT)


def states(party_id: int) -> dict[str, str]:
    rows = Delivery.objects.filter(message__party=party_id).order_by("id")
    return {row.channel: row.state for row in rows}


def confirmed(world: World, email: str = "mother@mail.example", who: str = "mother") -> None:
    by = world.actor(who)
    actions.give_email(email=email, site=SITE, by=by, at=AT)
    text = Push.objects.filter(system="mail").latest("id").content["text"]
    token = text.split("/messages/email/")[1].split()[0]
    actions.confirm_email(token=token, by=ANONYMOUS, at=AT)


def test_a_category_that_is_switched_off_is_not_sent_and_not_shown(world: World) -> None:
    choose(world, off=frozenset({("reminders", "sms"), ("reminders", "site")}))
    send(world.mother.id)
    assert states(world.mother.id) == {"sms": State.DECLINED, "email": State.NO_ADDRESS}
    assert queries.inbox(world.mother.id).items == []
    assert queries.unread(world.mother.id) == 0


def test_what_the_law_wants_told_cannot_be_switched_off(world: World) -> None:
    with pytest.raises(WrongPreference) as wrong:
        choose(world, off=frozenset({("progress", "site"), ("account", "sms"), ("weather", "sms")}))
    assert [place.where for place in wrong.value.places] == ["weather:sms", "account:sms", "progress:site"]
    choose(world, off=frozenset({("progress", "sms")}))
    send(world.mother.id, "anlan.messages.accepted")
    (told,) = queries.inbox(world.mother.id).items
    assert told.sms is SmsState.DECLINED


def test_an_agents_copy_and_a_firms_message_keep_their_own_readers_choices(world: World) -> None:
    mandate = world.mandate(world.mother, "neighbour")
    choose(world, "neighbour", off=frozenset({("progress", "sms")}))
    acting = world.actor("neighbour", mandate)
    send(world.mother.id, "anlan.messages.accepted", by=acting)
    assert states(world.mother.id) == {"sms": State.WAITING}
    assert states(world.neighbour.id)["sms"] == State.DECLINED
    Preference.objects.create(party_id=world.firm.id, off=["reminders:sms"], changed_at=AT)
    send(world.firm.id)
    assert states(world.firm.id)["sms"] == State.DECLINED
    # A mandate opens cases; what one chooses while acting is one's own.
    actions.choose(choices=CHOSEN, by=acting, at=AT)
    assert not Preference.objects.filter(party=world.mother.id).exists()


def test_staff_have_no_preferences(world: World) -> None:
    with pytest.raises(Denied):
        choose(world, "health.clerk")


def test_a_text_message_waits_for_the_end_of_ones_own_rest_and_speaks_ones_language(world: World) -> None:
    choose(world, quiet_from=time(9), quiet_until=time(15), language="en")
    send(world.mother.id)
    push = Push.objects.get()
    assert push.next_at == AT.replace(hour=15)
    assert 'Your "残疾人证" is valid until 30 November' in push.content["text"]


@pytest.mark.parametrize(("start", "end"), [(time(8), None), (time(8), time(8)), (time(8), time(23))])
def test_a_rest_has_two_ends_and_a_measure(world: World, start: time, end: time | None) -> None:
    with pytest.raises(WrongPreference):
        choose(world, quiet_from=start, quiet_until=end)


def test_two_rests_that_overlap_end_with_the_later() -> None:
    evening = datetime(2026, 11, 23, 22, 30, tzinfo=SHANGHAI)
    night, own = (time(21), time(8)), (time(7), time(9, 30))
    assert _clock.wake(evening, night, own) == datetime(2026, 11, 24, 9, 30, tzinfo=SHANGHAI)
    assert _clock.wake(evening, (time(1), time(2))) == evening


def test_nothing_goes_to_an_address_before_its_owner_confirmed_it(world: World) -> None:
    by = world.actor("mother")
    actions.give_email(email="mother@mail.example", site=SITE, by=by, at=AT)
    choose(world, off=frozenset({("reminders", "sms")}))
    send(world.mother.id)
    assert states(world.mother.id)["email"] == State.NO_ADDRESS
    (letter,) = Push.objects.filter(system="mail")
    assert letter.content["to"] == "mother@mail.example"
    token = letter.content["text"].split("/messages/email/")[1].split()[0]
    with pytest.raises(LinkOver):
        actions.confirm_email(token=token, by=ANONYMOUS, at=AT + timedelta(hours=25))
    actions.confirm_email(token=token, by=ANONYMOUS, at=AT + timedelta(hours=23))
    with pytest.raises(LinkOver):
        actions.confirm_email(token=token, by=ANONYMOUS, at=AT + timedelta(hours=23))
    assert _preferences.of(by).email == "m***@mail.example"


@pytest.mark.parametrize(
    "email",
    [
        "",
        "nobody",
        "a@b",
        "a@mail.example\nBcc: x@y.example",
        "a b@mail.example",
        "<a@mail.example>",
        "甲@mail.example",
        "a@" + "x" * 200 + ".example",
    ],
)
def test_an_address_is_plain(world: World, email: str) -> None:
    with pytest.raises(WrongPreference):
        actions.give_email(email=email, site=SITE, by=world.actor("mother"), at=AT)


def test_nobodys_letter_box_is_flooded(world: World) -> None:
    for _ in range(5):
        actions.give_email(email="mother@mail.example", site=SITE, by=world.actor("mother"), at=AT)
    with pytest.raises(TooOften):
        actions.give_email(email="mother@mail.example", site=SITE, by=world.actor("father"), at=AT)


def test_a_letter_says_the_templates_words_and_how_to_end_them(world: World) -> None:
    confirmed(world)
    choose(world, off=frozenset({("reminders", "sms")}))
    send(world.mother.id)
    letter = Push.objects.filter(system="mail").latest("id").content
    assert letter["subject"] == "证照快到期了"
    assert "您的“残疾人证”有效期到11月30日为止" in letter["text"]
    assert "<h1>证照快到期了</h1>" in letter["html"]
    for word in (world.mother.name, world.mother.id_number, world.mother.phone):
        assert word not in str(letter)
    actions.stop_letters(token=letter["stop"].rpartition("/")[2], by=ANONYMOUS, at=AT)
    send(world.mother.id, case_number="1")
    assert Delivery.objects.filter(channel=Channel.EMAIL).latest("id").state == State.DECLINED


@pytest.mark.parametrize("token", ["", "x", "a:b:c", signing.dumps([1, "news"], salt="other"), "x" * 9000])
def test_a_link_that_we_did_not_sign_ends_nothing(token: str) -> None:
    with pytest.raises(LinkOver):
        _mail.stopped(token)


def test_the_page_and_the_json(world: World, client_as: Callable[[str], Any]) -> None:
    client = client_as("mother")
    page = client.get("/my/messages/preferences").content.decode()
    assert "办件进度和决定" in page
    assert 'value="progress:site" checked disabled' in page
    assert client.post("/my/messages/preferences", {"on": ["news:site"], "language": "en"}).status_code == 302
    found = client.get("/api/my/messages/preferences").json()
    on = {each["id"]: set(each["on"]) for each in found["categories"]}
    assert (on["news"], on["progress"], found["language"]) == ({"site"}, {"site"}, "en")
    wrong = {"off": [{"category": "progress", "channel": "site"}]}
    assert client.put("/api/my/messages/preferences", wrong, content_type="application/json").status_code == 422
    english = client.get("/my/messages/preferences", headers={"Accept-Language": "en"}).content.decode()
    assert "Progress and decisions" in english
    assert "消息设置" not in english
