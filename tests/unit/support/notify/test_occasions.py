"""What happens in a case reaches those whom it concerns: the applicant, the agent and the principal, the supervisor."""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.flows import body
from tests.world import World, place_packs
from yiwang.kernel.base import events, outbox
from yiwang.kernel.base.contracts import SYSTEM, Actor
from yiwang.kernel.base.events import Event
from yiwang.kernel.cases import actions as cases
from yiwang.kernel.cases.contracts import CaseView
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.packs.contracts import Pack, PackSet
from yiwang.kernel.people.contracts import NoSuchParty
from yiwang.kernel.workdays.contracts import Limit
from yiwang.support.notify import actions, queries
from yiwang.support.notify.contracts import MessageView, NoSuchMessage
from yiwang.support.notify.models import Delivery, Message

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))

CLUB = """
start: intake
clocks:
  promised: {name: 承诺时限, until: end, pauses: [rain], extension: {max: 5 workdays}}
pauses:
  rain: {name: 下雨}
steps:
  intake: {name: 收件, post: window-clerk, choices: {
      accept: {name: 受理, to: play, accepts: true, starts: [promised]},
      ask: {name: 补正, to: photo}}}
  photo: {name: 补交照片, type: applicant, limit: 5 workdays, choices: {send: {name: 交, to: intake}}}
  play: {name: 比赛, post: window-clerk, choices: {win: {name: 赢, to: end, outcome: granted, decides: true}}}
  end: {name: 散场, type: end}
"""


@pytest.fixture(autouse=True)
def club(world: World) -> Iterator[None]:
    """The demo place's packs and one flow that knows no business."""
    flow = body(CLUB)
    pack = Pack("Flow", flow.id, flow.version, flow.title, "club-1", "club", "club.yaml", flow, {})
    with packs.using(PackSet([*place_packs(), pack])):
        yield


@pytest.fixture
def opened(world: World) -> Callable[..., CaseView]:
    def opener(by: Actor | None = None) -> CaseView:
        return cases.open_case(
            kind="tests",
            flow="test.flow",
            title="报名比赛",
            org_id=world.org("health").id,
            region_code="990102000000",
            applicant_id=world.mother.id,
            subject="陈晓岚",
            data={},
            limits={"promised": Limit.parse("5 workdays")},
            by=by or world.actor("mother"),
            at=AT,
        )

    return opener


def told(world: World, party: Any = None) -> list[str]:
    page = queries.inbox((party or world.mother).id, size=50)
    return [message.template.removeprefix("anlan.messages.") for message in page.items][::-1]


def newest(world: World) -> MessageView:
    return queries.inbox(world.mother.id).items[0]


def advance(world: World, case: CaseView, step: str, choice: str, who: str = "health.clerk", hours: int = 1) -> None:
    at = AT + timedelta(hours=hours)
    cases.advance(case_id=case.id, step=step, choice=choice, by=world.actor(who), at=at)


def test_a_life_in_messages(world: World, opened: Callable[..., CaseView], run_jobs: Callable[[], int]) -> None:
    case = opened()
    advance(world, case, "intake", "ask")
    run_jobs()
    asked = newest(world)
    tail = case.number[-4:]
    assert asked.zh.text == f"您申报的“报名比赛”（尾号{tail}）需要您处理：补交照片，请在11月30日前办理。"
    advance(world, case, "photo", "send", "mother", hours=2)
    advance(world, case, "intake", "accept", hours=3)
    run_jobs()
    assert newest(world).zh.text == f"您申报的“报名比赛”（尾号{tail}）已于11月23日受理，11月30日前办结。"
    advance(world, case, "play", "win", hours=4)
    run_jobs()
    assert told(world) == ["received", "asked", "accepted", "closed"]


def test_a_pause_and_an_extension_say_why(
    world: World, opened: Callable[..., CaseView], run_jobs: Callable[[], int]
) -> None:
    case = opened()
    advance(world, case, "intake", "accept")
    clerk, approver = world.actor("health.clerk"), world.actor("health.approver")
    cases.pause(case_id=case.id, reason="rain", by=clerk, at=AT + timedelta(hours=2))
    run_jobs()
    assert "因下雨暂停计时" in newest(world).zh.text
    cases.resume(case_id=case.id, by=clerk, at=AT + timedelta(hours=3))
    cases.extend(
        case_id=case.id, clock="promised", limit=Limit.parse("5 workdays"), reason="场地被13900000001占用",
        by=approver, at=AT + timedelta(hours=4),
    )  # fmt: skip
    run_jobs()
    extended = newest(world)
    assert extended.template == "anlan.messages.extended"
    assert extended.zh.detail == "延长的原因：场地被***********占用"
    assert "场地" not in extended.zh.text
    assert told(world)[-3:] == ["paused", "resumed", "extended"]


def test_the_principal_is_told_and_the_agent_gets_a_copy(
    world: World, opened: Callable[..., CaseView], run_jobs: Callable[[], int]
) -> None:
    mandate = world.mandate(world.mother, "neighbour")
    opened(by=world.actor("neighbour", mandate))
    run_jobs()
    assert told(world) == ["received"]
    (copy,) = queries.inbox(world.neighbour.id).items
    assert copy.is_copy
    assert Delivery.objects.count() == 2


def test_a_mandate_does_not_open_the_principals_inbox(
    world: World, opened: Callable[..., CaseView], run_jobs: Callable[[], int]
) -> None:
    opened()
    run_jobs()
    acting = world.actor("neighbour", world.mandate(world.mother, "neighbour"))
    assert queries.inbox_of(acting).items == []
    assert queries.unread_of(acting) == 0


def test_an_overdue_case_reaches_the_nearest_supervisor(
    world: World, opened: Callable[..., CaseView], run_jobs: Callable[[], int]
) -> None:
    case = opened()
    advance(world, case, "intake", "accept")
    cases.sweep(by=SYSTEM, at=AT + timedelta(days=30))
    run_jobs()
    alerts = [each.template for each in queries.inbox_of(world.actor("city.supervisor")).items]
    assert "anlan.messages.overdue" in alerts
    assert "overdue" not in told(world)


def test_an_event_delivered_again_says_nothing_new(
    world: World, opened: Callable[..., CaseView], run_jobs: Callable[[], int]
) -> None:
    from yiwang.support.notify import listeners

    case = opened()
    run_jobs()
    for _ in range(2):
        listeners.case_happened(events=[Event("cases.case.opened", {"case_id": case.id}, AT)] * 2)
    assert told(world) == ["received"]


def test_of_many_cases_told_together_each_is_told_once_though_one_is_gone_and_the_worker_is_killed(
    world: World, opened: Callable[..., CaseView], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def killed(heard: Any) -> None:
        hand_out(heard)
        raise KeyboardInterrupt

    hand_out = events.hand_out
    numbers = [opened().number for _ in range(3)]
    events.publish("cases.case.opened", {"case_id": 0, "kind": "tests"}, at=AT)
    numbers += [opened().number for _ in range(3)]
    with monkeypatch.context() as patched, caplog.at_level(logging.CRITICAL):
        patched.setattr(events, "hand_out", killed)
        with pytest.raises(KeyboardInterrupt):
            outbox.drain()
        patched.setattr(events, "hand_out", hand_out)
        assert outbox.drain()
    assert outbox.waiting()[0] == 0
    page = queries.inbox(world.mother.id, size=50).items
    assert [message.case_number for message in page][::-1] == numbers
    assert Delivery.objects.filter(message__case_number__in=numbers).count() == 6


def test_messages_are_sealed_and_read_by_their_reader_only(world: World, client_as: Callable[[str], Any]) -> None:
    facts = {"title": "报名比赛", "tail": "0123", "day": AT}
    (sent,) = actions.send(
        template="anlan.messages.accepted", to_party_id=world.mother.id, facts=facts, case_number="", by=SYSTEM, at=AT
    )
    page = client_as("mother").get("/my/messages").content.decode()
    assert "您申报的“报名比赛”（尾号0123）已于11月23日受理。" in page
    assert client_as("neighbour").post(f"/api/my/messages/{sent.id}/read").status_code == 404
    assert client_as("mother").get("/api/my/messages").json()["unread"] == 1
    assert client_as("mother").post(f"/api/my/messages/{sent.id}/read").status_code == 204
    assert queries.unread(world.mother.id) == 0
    with pytest.raises(NoSuchMessage):
        actions.mark_read(message_id=sent.id, by=world.actor("father"), at=AT)


def test_an_inbox_in_english(world: World, client_as: Callable[[str], Any]) -> None:
    facts = {"title": "报名比赛", "tail": "0123", "day": AT}
    actions.send(
        template="anlan.messages.accepted", to_party_id=world.mother.id, facts=facts, case_number="", by=SYSTEM, at=AT
    )
    page = client_as("mother").get("/my/messages", headers={"Accept-Language": "en"}).content.decode()
    assert "was accepted on 23 November" in page


def test_a_long_inbox_costs_three_queries(world: World, django_assert_max_num_queries: Any) -> None:
    wording = {language: {"title": "t", "text": "x", "detail": ""} for language in ("zh", "en")}
    Message.objects.bulk_create(
        Message(key=str(i), template="t", party_id=world.mother.id, wording=wording, created_at=AT) for i in range(60)
    )
    with django_assert_max_num_queries(3):
        page = queries.inbox(world.mother.id)
        unread = queries.unread(world.mother.id)
    assert (len(page.items), unread) == (20, 60)
    assert page.next_cursor


def test_nobody_is_told_who_is_not_there(world: World) -> None:
    facts = {"title": "报名比赛", "tail": "0123", "day": AT, "due": AT}
    with pytest.raises(NoSuchParty):
        actions.send(
            template="anlan.messages.accepted", to_party_id=10**9, facts=facts, case_number="", by=SYSTEM, at=AT
        )
