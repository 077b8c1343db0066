"""Many tickets handed over at once: each answered on its own, once for its key, in as few round trips as one."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.hotline import LIGHT, WORDS, Hotline
from tests.world import VILLAGE
from yiwang.kernel.audit import queries as audit
from yiwang.kernel.base.contracts import SYSTEM, YiwangError
from yiwang.kernel.cases import queries as cases
from yiwang.services.hotline import actions
from yiwang.services.hotline.contracts import (
    BadTicket,
    Caller,
    Channel,
    NewTicket,
    NotForThisPost,
    Spot,
    TicketKind,
    TicketView,
)
from yiwang.services.hotline.models import Ticket, TicketSignature
from yiwang.support.login import actions as login

DESK, LINE = "/api/desk/hotline/tickets/batch", "/api/hotline/tickets/batch"


def new(key: str, **more: Any) -> NewTicket:
    given: dict[str, Any] = {
        "kind": TicketKind.HELP,
        "channel": Channel.PHONE,
        "content": f"{WORDS}{key}",
        "caller": Caller("赵一鸣", "13900001111"),
        "spot": Spot("望湖路3号", region_code=VILLAGE),
        "category": LIGHT,
        "key": key,
    }
    return NewTicket(**given | more)


def handed(hotline: Hotline, *tickets: NewTicket, who: str = "operator") -> list[TicketView | YiwangError]:
    return actions.take_many(tickets=tickets, by=hotline.actor(who), at=hotline.at)


def number(answer: TicketView | YiwangError) -> str:
    assert isinstance(answer, TicketView)
    return answer.number


def test_each_is_answered_on_its_own_in_the_order_given(hotline: Hotline) -> None:
    answers = handed(
        hotline,
        new("a"),
        new("b", category="999999"),
        new("c", external=("110", "JQ-1")),
        new("a"),
        new("c", content="别的事"),
        new("d", external=("110", "JQ-1")),
        new("e", channel=Channel.OPEN311),
        new("f", content=" "),
        new("g"),
    )
    codes = [one.code if isinstance(one, YiwangError) else "" for one in answers]
    assert codes == [
        "", "hotline.bad-ticket", "", "", "base.key-reused", "", "hotline.not-for-this-post", "hotline.bad-ticket", ""
    ]  # fmt: skip
    assert number(answers[3]) == number(answers[0])
    assert number(answers[5]) == number(answers[2])
    first, second, third = (int(number(answers[n])[:-1]) for n in (0, 2, 8))
    assert (second - first, third - second) == (1, 1)
    assert Ticket.objects.count() == 3


def test_a_ticket_is_what_it_would_be_alone(hotline: Hotline) -> None:
    (many,) = handed(hotline, new("a"))
    alone = hotline.take(content=f"{WORDS}a", spot=Spot("望湖路3号", region_code=VILLAGE), key="b")
    assert isinstance(many, TicketView)
    own = {"id", "case_id", "number", "query_code"}
    assert {name: getattr(many, name) for name in TicketView.__slots__ if name not in own} == {
        name: getattr(alone, name) for name in TicketView.__slots__ if name not in own
    }
    for ticket in (many, alone):
        case = cases.peek(ticket.case_id)
        assert [(task.step, task.org_id) for task in case.steps_open] == [("desk", hotline.org("hotline").id)]
        assert case.steps_open[0].due_at is not None
        assert [event.kind for event in cases.history(ticket.case_id)] == ["opened", "ran"]
        assert [one.event for one in audit.trail(f"case:{ticket.number}").items] == ["hotline.ticket.taken"]
        assert [one.event for one in audit.trail(f"case:{ticket.case_id}").items] == ["cases.case.opened"]
    hotline.move(many, "desk.dispatch", "operator")
    assert hotline.steps(many) == hotline.steps(hotline.dispatched())


def test_what_is_sent_again_is_the_same_ticket(hotline: Hotline) -> None:
    first = handed(hotline, new("a"), new("b"))
    again = handed(hotline, new("b"), new("c"), new("a"))
    assert [number(again[0]), number(again[2])] == [number(first[1]), number(first[0])]
    alone = hotline.take(content=f"{WORDS}a", spot=Spot("望湖路3号", region_code=VILLAGE), key="a")
    assert alone.number == number(first[0])
    assert Ticket.objects.count() == 3


def test_a_report_is_found_by_no_number(hotline: Hotline) -> None:
    secret, plain = handed(hotline, new("a", kind=TicketKind.REPORT), new("b"))
    assert isinstance(secret, TicketView)
    assert secret.is_confidential
    assert cases.peek(secret.case_id).subject == ""
    assert [row.number for row in Ticket.objects.exclude(phone_index="")] == [number(plain)]


def test_who_may_hand_over_and_how_many(hotline: Hotline) -> None:
    with pytest.raises(NotForThisPost):
        actions.take_many(tickets=[new("a", channel=Channel.WEB)], by=hotline.world.actor("mother"), at=hotline.at)
    with pytest.raises(BadTicket):
        actions.take_many(tickets=[new("a")] * 501, by=SYSTEM, at=hotline.at)
    (refused,) = handed(hotline, new("a"), who="housing")
    assert isinstance(refused, YiwangError)
    assert refused.code == "access.not-permitted"
    assert actions.take_many(tickets=[], by=SYSTEM, at=hotline.at) == []


def test_many_cost_as_many_round_trips_as_few(hotline: Hotline) -> None:
    by = hotline.actor("operator")

    def cost(*keys: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            actions.take_many(tickets=[new(key) for key in keys], by=by, at=hotline.at)
        return len(asked)

    cost("warm")
    assert cost(*(f"n{n}" for n in range(60))) <= cost("x", "y") + 1 <= 13


def test_they_are_signed_together(hotline: Hotline, run_jobs: Any) -> None:
    handed(hotline, *(new(f"k{n}") for n in range(7)))
    run_jobs()
    assert TicketSignature.objects.count() == 7


def body(key: str, **more: Any) -> dict[str, Any]:
    return {"key": key, "kind": "help", "content": f"{WORDS}{key}", "region_code": VILLAGE, **more}


def test_a_desk_hands_over_over_http(hotline: Hotline, client_as: Any) -> None:
    sent = {"tickets": [body("a"), body("b", kind="nonsense"), body("c", category="999999"), "x", body("d")]}
    desk = client_as("hotline.operator")
    answer = desk.post(DESK, sent, content_type="application/json")
    said = answer.json()
    assert (answer.status_code, said["taken"], said["refused"]) == (200, 2, 3)
    assert [one.get("code", "") for one in said["answers"]] == ["", *["hotline.bad-ticket"] * 3, ""]
    assert said["answers"][1]["places"][0]["where"] == "kind"
    assert said["answers"][2]["places"][0]["where"] == "category"
    again = desk.post(DESK, sent, content_type="application/json").json()
    assert [one.get("number") for one in again["answers"]] == [one.get("number") for one in said["answers"]]
    for wrong in ({"tickets": []}, {"tickets": [body("z")] * 501}, {}):
        assert desk.post(DESK, wrong, content_type="application/json").status_code == 422
    assert client_as("mother").post(DESK, sent, content_type="application/json").status_code == 403


def test_a_line_hands_over_with_its_token(hotline: Hotline) -> None:
    machine, until = hotline.world.account("machine"), (timezone.now() + timedelta(days=30)).date()
    token = login.issue_token(account_id=machine.id, title="省热线", expires_on=until, by=SYSTEM, at=timezone.now())
    line, key = Client(), {"headers": {"Authorization": f"Bearer {token}"}}
    sent = {"tickets": [body("a", external_source="province", external_number="P-1"), body("b", channel="phone")]}
    said = line.post(LINE, sent, content_type="application/json", **key).json()
    assert (said["taken"], said["refused"]) == (1, 1)
    assert said["answers"][1]["code"] == "hotline.not-for-this-post"
    row = Ticket.objects.get(number=said["answers"][0]["number"])
    assert (row.channel, row.external_source, row.external_number) == ("open311", "province", "P-1")
    assert line.post(LINE, sent, content_type="application/json").status_code == 401
