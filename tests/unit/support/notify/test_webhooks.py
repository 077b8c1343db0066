"""Other systems hear of cases that they may see: signed, again when they do not answer, switched off when they never do, and never inside our walls."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.standing import standing
from tests.world import AT, MADE_AT, World
from yiwang.kernel.base.contracts import SYSTEM, Actor
from yiwang.kernel.base.events import Event
from yiwang.kernel.cases import actions as cases
from yiwang.kernel.cases.contracts import CaseView
from yiwang.kernel.people import actions as staffing
from yiwang.kernel.people import queries as people
from yiwang.kernel.workdays.contracts import Limit
from yiwang.support.notify import _outside_url, _webhooks, actions
from yiwang.support.notify.contracts import BadAddress, BadSubscription, NoSuchSubscription
from yiwang.support.notify.models import Call, Message, Subscription

pytestmark = pytest.mark.django_db
OPENED = "cases.case.opened"


class Listener:
    """Their side: keeps what comes, answers what it is told to."""

    def __init__(self) -> None:
        self.status, self.heard, self.location = 200, [], ""  # type: tuple[int, list[tuple[dict[str, str], bytes]], str]
        listener = self

        class Slot(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                listener.heard.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(listener.status)
                if listener.location:
                    self.send_header("Location", listener.location)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Silent."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Slot)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hear?from=yiwang"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()


@pytest.fixture
def listener(settings: Any) -> Iterator[Listener]:
    settings.YIWANG_WEBHOOK_NETWORKS = "127.0.0.0/8"
    found = Listener()
    yield found
    found.server.shutdown()
    found.server.server_close()


@standing
def machine_post(world: World) -> int:
    """The machine hears of the cases of one office."""
    account = world.account("machine").id
    staffing.appoint(
        account_id=account, org_id=world.org("health").id, post_type="event-follower", title="订阅系统",
        since=MADE_AT.date(), by=SYSTEM, at=MADE_AT,
    )  # fmt: skip
    return account


@pytest.fixture
def machine(world: World, machine_post: int) -> Actor:
    return people.actor_of(machine_post, at=AT)


@pytest.fixture
def opened(world: World) -> Callable[..., CaseView]:
    def opener(org: str = "health") -> CaseView:
        return cases.open_case(
            kind="tests", flow="standard.public-service", title="报名", org_id=world.org(org).id,
            region_code="990102000000", applicant_id=world.mother.id, subject="陈晓岚", data={},
            limits={"promised": Limit.parse("5 workdays"), "statutory": Limit.parse("9 workdays")},
            by=world.actor("mother"), at=AT,
        )  # fmt: skip

    return opener


def subscribed(listener: Listener, machine: Actor, world: World) -> tuple[int, str]:
    found, secret = actions.subscribe(
        url=listener.url, kinds=[OPENED], org_id=world.org("health").id, by=machine, at=AT
    )
    return found.id, secret


def hear(case: CaseView, at: datetime = AT) -> None:
    _webhooks.hear([Event(OPENED, {"case_id": case.id}, at)])


def test_a_call_is_signed_and_names_nobody(
    world: World, listener: Listener, machine: Actor, opened: Callable[..., CaseView]
) -> None:
    _, secret = subscribed(listener, machine, world)
    case = opened()
    hear(case)
    hear(case)
    assert actions.carry_calls(by=SYSTEM, at=AT) == 1
    ((headers, body),) = listener.heard
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == expected
    stamp = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    assert abs(datetime.now(UTC) - stamp) < timedelta(minutes=5)
    said = json.loads(body)
    assert (said["type"], said["data"]["case_number"]) == (OPENED, case.number)
    assert "陈晓岚" not in body.decode()
    assert actions.carry_calls(by=SYSTEM, at=AT + timedelta(days=1)) == 0


def test_cases_of_others_are_not_heard(
    world: World, listener: Listener, machine: Actor, opened: Callable[..., CaseView]
) -> None:
    subscribed(listener, machine, world)
    hear(opened("other-health"))
    _webhooks.hear([Event("cases.case.closed", {"case_id": opened().id}, AT)])
    assert not Call.objects.exists()


def test_again_with_longer_waits_and_the_same_id(
    world: World, listener: Listener, machine: Actor, opened: Callable[..., CaseView]
) -> None:
    subscribed(listener, machine, world)
    hear(opened())
    listener.status = 503
    assert actions.carry_calls(by=SYSTEM, at=AT) == 0
    assert Call.objects.get().next_at == AT + timedelta(seconds=5)
    assert actions.carry_calls(by=SYSTEM, at=AT + timedelta(seconds=5)) == 0
    assert Call.objects.get().next_at == AT + timedelta(seconds=305)
    listener.status = 204
    assert actions.carry_calls(by=SYSTEM, at=AT + timedelta(seconds=305)) == 1
    assert len({headers["webhook-id"] for headers, _ in listener.heard}) == 1
    assert Subscription.objects.get().failures == 0


def test_nothing_is_followed(world: World, listener: Listener, machine: Actor, opened: Callable[..., CaseView]) -> None:
    subscribed(listener, machine, world)
    hear(opened())
    listener.status, listener.location = 302, listener.url
    assert actions.carry_calls(by=SYSTEM, at=AT) == 0
    assert len(listener.heard) == 1


def test_who_never_answers_is_switched_off_and_told(
    world: World, listener: Listener, machine: Actor, opened: Callable[..., CaseView], monkeypatch: Any
) -> None:
    number, _ = subscribed(listener, machine, world)
    monkeypatch.setattr(_webhooks, "FAILURES_MAX", 2)
    hear(opened())
    listener.status = 500
    for hours in (0, 1):
        actions.carry_calls(by=SYSTEM, at=AT + timedelta(hours=hours))
    row = Subscription.objects.get(pk=number)
    assert row.ending == "failed"
    assert Call.objects.get().next_at is None
    assert Message.objects.get(account=machine.account_id).template == _webhooks.ENDED
    hear(opened(), AT + timedelta(days=1))
    assert Call.objects.count() == 1
    assert [each.id for each in _webhooks.ended_seen(world.actor("health.approver"))] == [number]


def test_whoever_is_gone_is_called_no_more(
    world: World, listener: Listener, machine: Actor, opened: Callable[..., CaseView]
) -> None:
    subscribed(listener, machine, world)
    hear(opened())
    listener.status = 410
    actions.carry_calls(by=SYSTEM, at=AT)
    assert Subscription.objects.get().ending == "gone"


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/", "https://localhost/", "https://[::1]/", "https://10.0.0.1/", "https://169.254.169.254/",
        "https://[::ffff:10.0.0.1]/", "https://0.0.0.0/", "https://2130706433/", "https://224.0.0.1/", "http://8.8.8.8/",
        "ftp://8.8.8.8/", "https://user@8.8.8.8/", "https://8.8.8.8/#x", "https://8.8.8.8:99999/", "https://", "",
        "https://8.8.8.8/\r\nX: y", "https://8.8.8.8/" + "x" * 400, "https://no-such-name.invalid/",
    ],
)  # fmt: skip
def test_addresses_that_lead_inside_or_nowhere_are_refused(url: str) -> None:
    with pytest.raises(BadAddress):
        _outside_url.target(url)


def test_a_name_that_leads_inside_later_is_not_called(
    world: World, listener: Listener, machine: Actor, opened: Callable[..., CaseView], settings: Any
) -> None:
    subscribed(listener, machine, world)
    hear(opened())
    settings.YIWANG_WEBHOOK_NETWORKS = "192.0.2.0/24"
    assert actions.carry_calls(by=SYSTEM, at=AT) == 0
    assert listener.heard == []
    assert Call.objects.get().trouble == "notify.bad-address"


def test_a_public_address_is_called_where_it_was_looked_up() -> None:
    found = _outside_url.target("https://8.8.8.8:8443/a?b=c")
    assert (found.url, found.host_header) == ("https://8.8.8.8:8443/a?b=c", "8.8.8.8:8443")


def test_the_json(world: World, listener: Listener, machine: Actor, client_as: Callable[[str], Any]) -> None:
    client = client_as("machine")
    said = {"url": listener.url, "kinds": [OPENED], "org_id": world.org("health").id}
    made = client.post("/api/webhooks", said, content_type="application/json")
    assert made.status_code == 201
    assert made.json()["secret"].startswith("whsec_")
    (found,) = client.get("/api/webhooks").json()
    assert "secret" not in found
    for wrong in ({**said, "kinds": ["x"]}, {**said, "url": "https://10.0.0.1/"}):
        assert client.post("/api/webhooks", wrong, content_type="application/json").status_code == 422
    elsewhere = {**said, "org_id": world.org("police-household").id}
    assert client.post("/api/webhooks", elsewhere, content_type="application/json").status_code == 403
    assert client_as("mother").get("/api/webhooks").status_code == 403
    assert client.delete(f"/api/webhooks/{found['id']}").status_code == 204
    with pytest.raises(NoSuchSubscription):
        actions.unsubscribe(subscription_id=found["id"], by=world.actor("mother"), at=AT)
    with pytest.raises(BadSubscription):
        actions.subscribe(url=listener.url, kinds=[], org_id=world.org("health").id, by=machine, at=AT)
