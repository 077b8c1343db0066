"""Letters through the played mail server: greylisted, refused, cut off after DATA, and returned; and a text message that goes on as a letter."""

import email
import json
import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import Message
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.outside.played import Played
from tests.world import World
from yiwang.kernel.base.contracts import ANONYMOUS, SYSTEM
from yiwang.support.connectors import _smtp, _wire
from yiwang.support.connectors import actions as connectors
from yiwang.support.connectors import queries as connectors_queries
from yiwang.support.connectors.models import Line, Push
from yiwang.support.notify import actions
from yiwang.support.notify.contracts import Choices, State
from yiwang.support.notify.models import Delivery

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
FACTS = {"title": "残疾人证", "due": NOON, "phone": "0990-12345"}
NO_TEXTS = Choices(frozenset({("reminders", "sms")}))


@pytest.fixture
def reader(world: World) -> Callable[[str], None]:
    """The mother reads letters at an address."""

    def give(address: str = "mother@mail.example", choices: Choices = NO_TEXTS) -> None:
        by = world.actor("mother")
        actions.give_email(email=address, site="https://place.example", by=by, at=NOON)
        push = Push.objects.filter(system="mail").latest("id")
        actions.confirm_email(token=push.content["text"].split("/email/")[1].split()[0], by=ANONYMOUS, at=NOON)
        Push.objects.filter(pk=push.pk).update(state="cancelled", next_at=None)
        actions.choose(choices=choices, by=by, at=NOON)
        actions.send(
            template="anhe.messages.licence-ending", to_party_id=world.mother.id, facts=FACTS, case_number="",
            by=SYSTEM, at=NOON,
        )  # fmt: skip

    return give


def pump(at: datetime = NOON) -> int:
    return connectors.pump(system="mail", by=SYSTEM, at=at)


def state() -> str:
    return Delivery.objects.get(channel="email").state


def letters(home: Path) -> list[Message]:
    """What lies in the server's box."""
    with sqlite3.connect(home / "standins" / "mail.sqlite3") as box:
        rows = box.execute("SELECT fields FROM item ORDER BY reference").fetchall()
    return [email.message_from_string(json.loads(fields)["letter"]) for (fields,) in rows]


def test_a_letter_arrives_as_it_was_written(
    play: Callable[..., Played], reader: Callable[..., None], home: Path
) -> None:
    play("mail")
    reader()
    assert pump() == 1
    assert state() == State.SENT
    (letter,) = letters(home)
    plain, html = (part.get_payload(decode=True).decode() for part in letter.get_payload())  # type: ignore[union-attr]
    assert "您的“残疾人证”有效期到11月23日为止" in plain
    assert html.startswith("<!DOCTYPE html>")
    assert letter["To"] == "mother@mail.example"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert letter["List-Unsubscribe"].startswith("<https://place.example/messages/stop/")


def test_a_greylisted_letter_waits_longer_each_time(play: Callable[..., Played], reader: Callable[..., None]) -> None:
    server = play("mail", defer=1000)
    reader()
    assert pump() == 0
    assert Push.objects.latest("id").next_at == NOON + timedelta(minutes=1)
    assert pump(NOON + timedelta(minutes=1)) == 0
    assert Push.objects.latest("id").next_at == NOON + timedelta(minutes=3)
    server.control(moods={"defer": 0})
    assert pump(NOON + timedelta(minutes=3)) == 1


def test_a_connection_lost_after_the_letter_leaves_one_letter(
    play: Callable[..., Played], reader: Callable[..., None], home: Path
) -> None:
    play("mail", drop=1000)
    reader()
    assert pump() == 0
    assert Line.objects.get(system="mail").failures == 1
    assert pump(NOON + timedelta(minutes=5)) == 1
    assert len(letters(home)) == 1
    assert state() == State.SENT


@pytest.mark.parametrize(("name", "code"), [("nobody", "mail.550"), ("full", "mail.552")])
def test_a_refusal_is_one(play: Callable[..., Played], reader: Callable[..., None], name: str, code: str) -> None:
    play("mail")
    reader(f"{name}@mail.example")
    assert pump() == 0
    row = Delivery.objects.get(channel="email")
    assert (row.state, row.trouble) == (State.FAILED, code)


def test_a_letter_that_comes_back_late_and_twice(play: Callable[..., Played], reader: Callable[..., None]) -> None:
    server = play("mail", refuse=1000, duplicate=1000)
    reader()
    pump()
    returned = server.finish()
    assert len(returned) == 2
    assert {each.hand_in().status_code for each in returned} == {200}
    assert state() == State.UNDELIVERED
    forged = returned[0].body.replace(b"bounced", b"deliver")
    assert returned[0].hand_in(body=forged).status_code == 401
    assert state() == State.UNDELIVERED


def test_a_text_message_that_does_not_arrive_goes_on_as_a_letter(
    play: Callable[..., Played], reader: Callable[..., None]
) -> None:
    carrier = play("sms", refuse=1000)
    reader(choices=Choices(frozenset()))
    connectors.pump(system="sms", by=SYSTEM, at=NOON)
    assert not Delivery.objects.filter(channel="email").exists()
    for receipt in carrier.finish():
        receipt.hand_in()
        receipt.hand_in()
    assert {row.channel: row.state for row in Delivery.objects.all()} == {
        "sms": State.UNDELIVERED,
        "email": State.WAITING,
    }


def test_a_wrong_password_is_our_trouble_and_no_letters(
    play: Callable[..., Played], reader: Callable[..., None], home: Path
) -> None:
    play("mail")
    reader()
    key = home / "outside" / "mail.key"
    key.write_text("0" * 64)
    assert pump() == 0
    assert Line.objects.get(system="mail").trouble == "mail-login"
    assert state() == State.WAITING


@pytest.fixture
def body() -> dict[str, Any]:
    fields = {
        "to": "a@mail.example",
        "subject": "x",
        "text": "t",
        "html": "h",
        "sender": "s@mail.example",
        "sign": "政务",
    }
    return {"message_id": "1", "reference": "d-1-0", "written_at": NOON.isoformat(), "fields": fields}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("to", "a@mail.example\r\nBcc: b@mail.example"),
        ("to", "甲@mail.example"),
        ("subject", "x\nX-Evil: 1"),
        ("stop", "https://place.example/\r\n\r\n"),
        ("sender", "nobody"),
    ],
)
def test_nothing_breaks_out_of_a_header(world: World, body: dict[str, Any], name: str, value: str) -> None:
    body["fields"][name] = value
    found = _smtp.post(connectors_queries.system("mail"), json.dumps(body).encode())
    assert isinstance(found, _wire.Refused)
    assert found.code == "mail.malformed"


def test_an_oversized_letter_is_not_sent(world: World, body: dict[str, Any]) -> None:
    body["fields"]["text"] = "字" * 200_000
    found = _smtp.post(connectors_queries.system("mail"), json.dumps(body).encode())
    assert isinstance(found, _wire.Refused)
    assert found.code == "mail.too-large"


def test_away_from_this_machine_only_encrypted(world: World, body: dict[str, Any], settings: Any, play: Any) -> None:
    """The played server offers no STARTTLS: by any other name than this machine's it gets no letter and no password."""
    play("mail")
    address = _wire.url_of(connectors_queries.system("mail"))
    settings.YIWANG_OUTSIDE_MAIL_URL = address.replace("127.0.0.1", "127.1")
    found = _smtp.post(connectors_queries.system("mail"), json.dumps(body).encode())
    assert found == _wire.Unreachable("mail-not-encrypted")
