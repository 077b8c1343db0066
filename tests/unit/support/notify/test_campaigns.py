"""群发: composed by one, approved by another, sent part by part to each once, by the rules of a single message."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.standing import standing
from tests.world import AT, World, make_id_number
from yiwang.kernel.base.contracts import SYSTEM, Denied, Invalid
from yiwang.kernel.people import actions as people
from yiwang.kernel.people.contracts import IdType, PartyKind
from yiwang.support.connectors import actions as connectors
from yiwang.support.connectors.models import Push
from yiwang.support.notify import _bulk, _campaigns, _routing, actions, queries
from yiwang.support.notify.contracts import (
    BadCampaign,
    CampaignState,
    CampaignView,
    CannotSteer,
    Channel,
    SamePerson,
    State,
)
from yiwang.support.notify.models import Delivery, Message, Recipient

pytestmark = pytest.mark.django_db
NEWS = "anlan.messages.benefit-news"
FACTS = {"title": "高龄津贴", "due": "2026-12-31"}
COUNT = 6


@standing
def readers(world: World) -> list[str]:
    """The numbers of some who have registered, each with a telephone."""
    numbers = [make_id_number("990102194811020", n) for n in range(1, COUNT + 1)]
    for n, number in enumerate(numbers):
        people.ensure_party(
            kind=PartyKind.PERSON, name="周敏", id_type=IdType.CITIZEN_ID, id_number=number,
            phone=f"1390000010{n}", by=SYSTEM, at=AT,
        )  # fmt: skip
    return numbers


def file_of(numbers: list[str], title: str = "证件号码") -> bytes:
    stream = io.StringIO()
    csv.writer(stream).writerows([[title], *([number] for number in numbers)])
    return stream.getvalue().encode("gb18030")


@pytest.fixture
def compose(world: World, readers: list[str]) -> Callable[..., CampaignView]:
    def composed(content: bytes = b"", **changes: Any) -> CampaignView:
        values: dict[str, Any] = {
            "template": NEWS,
            "facts": FACTS,
            "org_id": world.org("health").id,
            "content": content or file_of(readers),
            "by": world.actor("health.reviewer"),
            "at": AT,
        }
        return actions.compose_campaign(**{**values, **changes})

    return composed


def approve(world: World, found: CampaignView) -> CampaignView:
    return actions.decide_campaign(campaign_id=found.id, is_approved=True, by=world.actor("health.approver"), at=AT)


def send_all(found: CampaignView) -> CampaignView:
    at = AT
    while found.is_running:
        found = actions.send_part(campaign_id=found.id, by=SYSTEM, at=at)
        at = max(at, found.next_at or at)
    return found


def test_what_is_wrong_is_counted_and_the_rest_is_sent_once(
    world: World, compose: Callable[..., CampaignView], readers: list[str]
) -> None:
    strangers = [make_id_number("990102195011020", n) for n in range(1, 4)]
    found = compose(file_of([*readers, readers[0], "990102194811020999", *strangers]))
    assert (found.total, found.wrong, found.state) == (COUNT + 5, 5, CampaignState.COMPOSED)
    from yiwang.support.notify._campaign_rows import problems

    assert [(each.count, each.first_line) for each in problems(found.id)] == [(3, 10), (1, 8), (1, 9)]
    assert not Message.objects.exists()
    done = send_all(approve(world, found))
    assert (done.state, done.sent) == (CampaignState.DONE, COUNT)
    assert Message.objects.filter(campaign=found.id).count() == COUNT
    message = queries.inbox(Message.objects.first().party_id or 0).items[0]  # type: ignore[union-attr]
    assert message.zh.text.startswith("区卫健局通知：“高龄津贴”从即日起可以办理，12月31日截止。")
    assert send_all(done).sent == COUNT


def test_nobody_approves_ones_own_and_nobody_twice(world: World, compose: Callable[..., CampaignView]) -> None:
    found = compose()
    with pytest.raises(Denied):
        actions.decide_campaign(campaign_id=found.id, is_approved=True, by=world.actor("health.reviewer"), at=AT)
    own = compose(org_id=world.org("health").id)
    from yiwang.support.notify.models import Campaign

    Campaign.objects.filter(pk=own.id).update(made_by=world.account("health.approver").id)
    with pytest.raises(SamePerson):
        approve(world, own)
    with pytest.raises(Denied):
        actions.decide_campaign(campaign_id=found.id, is_approved=True, by=world.actor("other-health.approver"), at=AT)
    refused = actions.decide_campaign(campaign_id=found.id, is_approved=False, by=world.actor("health.approver"), at=AT)
    assert refused.state is CampaignState.REFUSED
    with pytest.raises(CannotSteer):
        approve(world, found)
    assert send_all(refused).sent == 0


def test_the_ledger_says_to_whom_in_which_words_by_whom(world: World, compose: Callable[..., CampaignView]) -> None:
    from yiwang.kernel.ledger.models import Leaf

    approve(world, compose())
    assert Leaf.objects.filter(kind="notify.campaign.decided").count() == 1


def test_choices_the_days_measure_and_shared_numbers_hold_for_many(
    world: World, compose: Callable[..., CampaignView], readers: list[str], monkeypatch: Any
) -> None:
    from yiwang.kernel.people import queries as people_queries
    from yiwang.kernel.people.models import Party
    from yiwang.support.notify.models import Preference

    first, second, third, fourth = [people_queries.find_party(number) for number in readers[:4]]
    assert first
    assert second
    assert third
    assert fourth
    Preference.objects.create(party_id=first.id, off=["news:sms", "news:site"], changed_at=AT)
    twin = Party.objects.get(pk=second.id)
    twin.phone, twin.phone_index = third.phone, ""
    twin.save()
    for n in range(8):
        actions.send(
            template="anlan.messages.accepted", to_party_id=fourth.id, case_number=f"case-{n}", by=SYSTEM, at=AT,
            facts={"title": "居住证", "tail": "0123", "day": AT, "due": AT},
        )  # fmt: skip
    found = send_all(approve(world, compose()))
    states = dict(
        Delivery.objects.filter(message__campaign=found.id, channel=Channel.SMS).values_list("message__party", "state")
    )
    assert states[first.id] == State.DECLINED
    assert {states[second.id], states[third.id]} == {State.WAITING, State.JOINED}
    assert states[fourth.id] == State.HELD
    assert queries.inbox(first.id).items == []
    (push,) = Push.objects.filter(subject="texts")
    assert len(push.content["texts"]) == 3


def test_a_thousand_cost_as_many_questions_as_ten(
    world: World, compose: Callable[..., CampaignView], django_assert_max_num_queries: Any
) -> None:
    found = approve(world, compose())
    with django_assert_max_num_queries(40):
        actions.send_part(campaign_id=found.id, by=SYSTEM, at=AT)


def test_whoever_is_killed_goes_on_and_sends_nobody_twice(
    world: World, compose: Callable[..., CampaignView], monkeypatch: Any
) -> None:
    found = approve(world, compose())
    monkeypatch.setattr(_campaigns, "PIECE", 2)
    actions.send_part(campaign_id=found.id, by=SYSTEM, at=AT)
    link = _campaigns._link

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(_campaigns, "_link", killed)
    with pytest.raises(KeyboardInterrupt):
        actions.send_part(campaign_id=found.id, by=SYSTEM, at=AT + timedelta(minutes=1))
    assert Message.objects.filter(campaign=found.id).count() == 2
    monkeypatch.setattr(_campaigns, "_link", link)
    at = AT + timedelta(minutes=2)
    while found.is_running:
        found = actions.send_part(campaign_id=found.id, by=SYSTEM, at=at)
        at += timedelta(minutes=1)
    assert Message.objects.filter(campaign=found.id).count() == COUNT
    assert not Recipient.objects.filter(campaign=found.id, message_id=None, problem="").exists()


def test_the_places_pace_is_kept(world: World, compose: Callable[..., CampaignView], monkeypatch: Any) -> None:
    policy = queries.policy()
    assert policy
    slow = policy.model_copy(update={"campaign_per_second": 2})
    monkeypatch.setattr(queries, "policy", lambda: slow)
    monkeypatch.setattr(_campaigns, "PIECE", 4)
    found = actions.send_part(campaign_id=approve(world, compose()).id, by=SYSTEM, at=AT)
    assert (found.sent, found.next_at) == (4, AT + timedelta(seconds=2))
    assert actions.send_part(campaign_id=found.id, by=SYSTEM, at=AT + timedelta(seconds=1)).sent == 4
    assert actions.send_part(campaign_id=found.id, by=SYSTEM, at=AT + timedelta(seconds=2)).sent == COUNT


def test_paused_and_stopped(world: World, compose: Callable[..., CampaignView]) -> None:
    found = approve(world, compose())
    by, boss = world.actor("health.reviewer"), world.actor("health.approver")
    paused = actions.steer_campaign(campaign_id=found.id, to=CampaignState.PAUSED, by=by, at=AT)
    assert actions.send_part(campaign_id=found.id, by=SYSTEM, at=AT).sent == 0
    with pytest.raises(Denied):
        actions.steer_campaign(campaign_id=paused.id, to=CampaignState.RUNNING, by=by, at=AT)
    actions.steer_campaign(campaign_id=found.id, to=CampaignState.RUNNING, by=boss, at=AT)
    stopped = actions.steer_campaign(campaign_id=found.id, to=CampaignState.STOPPED, by=by, at=AT)
    assert actions.send_part(campaign_id=found.id, by=SYSTEM, at=AT).state is CampaignState.STOPPED
    with pytest.raises(CannotSteer):
        actions.steer_campaign(campaign_id=stopped.id, to=CampaignState.RUNNING, by=boss, at=AT)


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"title": "津贴"},
        {**FACTS, "title": "请13900000001来电"},
        {**FACTS, "title": "一\n二"},
        {**FACTS, "title": "字" * 61},
        {**FACTS, "due": "明天"},
    ],
)
def test_what_is_filled_in_is_short_and_names_nobody(compose: Callable[..., CampaignView], facts: Any) -> None:
    with pytest.raises(BadCampaign):
        compose(facts=facts)


@pytest.mark.parametrize(
    "content", [b"\x00\xff\xfe\x00", "姓名\n周敏\n".encode(), "证件号码,住址\n1,2\n".encode(), "证件号码\n".encode()]
)
def test_a_file_of_another_shape_is_refused_whole(compose: Callable[..., CampaignView], content: bytes) -> None:
    with pytest.raises(Invalid):
        compose(content)


def test_other_templates_and_strangers_audiences_are_refused(
    compose: Callable[..., CampaignView], world: World
) -> None:
    for changes in ({"template": "login.code"}, {"template": "no.such"}, {"audience": "no.such"}):
        with pytest.raises(BadCampaign):
            compose(**changes)
    with pytest.raises(Denied):
        compose(by=world.actor("health.clerk"))


def test_a_declared_audience_is_the_residents_of_the_units_region(
    compose: Callable[..., CampaignView], readers: list[str]
) -> None:
    from yiwang.data.registries.models import Person
    from yiwang.kernel.base.fields import sealed_index

    def lives(number: str, born: str, region: str, **more: Any) -> None:
        Person.objects.create(
            subject_key=sealed_index(number), id_number=number, name="周敏", name_key="x", sex="2", born_on=born,
            ethnicity="01", region_code=region, address="x", household_no="1", relation="01", **more,
        )  # fmt: skip

    lives(readers[0], "1966-11-23", "990102001001")
    lives(readers[1], "1966-11-24", "990102001001")
    lives(readers[2], "1940-01-01", "990103001001")
    lives(readers[3], "1940-01-01", "990102001001", died_on="2020-01-01")
    lives(make_id_number("990102194001010", 1), "1940-01-01", "990102001001")
    found = compose(audience="anhe.audiences.seniors")
    assert (found.total, found.wrong) == (2, 1)


def receipt(reference: str, items: Any, kind: str = "result") -> dict[str, Any]:
    return {
        "message_id": "receipt-" + str(len(str(items))),
        "reference": reference,
        "kind": kind,
        "occurred_at": AT.isoformat(),
        "payload": {"outcome": "done", "items": items},
    }


def test_receipts_for_many_are_taken_once_and_only_for_their_own(
    world: World, compose: Callable[..., CampaignView]
) -> None:
    from yiwang.support.connectors.contracts import Via

    send_all(approve(world, compose()))
    stranger = actions.send(
        template="anlan.messages.accepted", to_party_id=world.mother.id, case_number="1", by=SYSTEM, at=AT,
        facts={"title": "居住证", "tail": "0123", "day": AT, "due": AT},
    )  # fmt: skip
    own = list(Delivery.objects.filter(message__campaign__isnull=False, channel="sms").order_by("id"))
    other = Delivery.objects.get(message=stranger[0].id)
    reference = Push.objects.get(subject="texts").reference
    told = [
        {"n": own[0].pk, "outcome": "delivered"},
        {"n": own[1].pk, "outcome": "undelivered", "code": "sms.unreachable"},
        {"n": other.pk, "outcome": "delivered"},
        {"n": "x"}, 7, {"n": 2**70, "outcome": "delivered"}, {"n": own[2].pk, "outcome": "lost?"},
    ]  # fmt: skip
    for items in (told, [{"n": own[0].pk, "outcome": "undelivered"}]):
        connectors.hear(system="sms", message=receipt(reference, items), via=Via.CALLBACK, by=SYSTEM, at=AT)
    states = dict(Delivery.objects.filter(channel="sms").values_list("pk", "state"))
    assert (states[own[0].pk], states[own[1].pk]) == (State.DELIVERED, State.UNDELIVERED)
    assert states[own[2].pk] == states[other.pk] == State.WAITING
    assert Delivery.objects.get(message=own[1].message_id, channel="email").state == State.NO_ADDRESS


@pytest.mark.parametrize("text", ["t-1-2", "t-1-2-x", "t-", "d-1-2-3", "t-1-2-3-4"])
def test_a_strange_reference_is_none(text: str) -> None:
    assert _bulk.read_reference(text) == (0, 0, 0)
    assert _routing.read_reference(text.replace("d-", "e-")) == (0, 0)


def test_the_pages(
    world: World, client_as: Callable[[str], Any], readers: list[str], run_jobs: Callable[[], int]
) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    writer, boss = client_as("health.reviewer"), client_as("health.approver")
    assert "高龄" not in writer.get("/desk/campaigns").content.decode()
    assert "收费项目" not in writer.get(f"/desk/campaigns/new?template={NEWS}").content.decode()
    said = {"template": NEWS, "org": str(world.org("health").id), **FACTS}
    assert writer.post("/desk/campaigns/new", said).status_code == 422
    made = writer.post("/desk/campaigns/new", {**said, "file": SimpleUploadedFile("名单.csv", file_of(readers))})
    assert made.status_code == 302
    page = boss.get(made["Location"]).content.decode()
    assert f"批准，发给{COUNT}人" in page
    assert "请由另一位同事审批" in writer.get(made["Location"]).content.decode()
    boss.post(f"{made['Location']}/decide", {"decision": "approve"})
    run_jobs()
    assert f"{COUNT} / {COUNT}" in boss.get(made["Location"]).content.decode()
    assert client_as("other-health.approver").get(made["Location"]).status_code == 404
    assert "高龄" not in client_as("mother").get("/my/messages").content.decode()
