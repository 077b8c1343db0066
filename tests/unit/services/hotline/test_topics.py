"""Hot topics from tickets: signed without their text, gathered, named by shared words, kept over nights; repeated callers; 每月一题."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.conf import settings

from tests.hotline import Hotline
from tests.unit.services.hotline.messages import other, said
from yiwang.kernel.access.contracts import NotPermitted
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.services.hotline import actions, queries
from yiwang.services.hotline._topic_shapes import BadQuestion, NoSuchTopic
from yiwang.services.hotline.contracts import Caller, Channel, TicketKind
from yiwang.services.hotline.models import Ticket, TicketSignature, Topic, TopicTicket


@pytest.fixture(autouse=True)
def _own_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "YIWANG_HOME", tmp_path)


def many(hotline: Hotline, matter: int, count: int, *, phone: int = 0, days: int = 0) -> list[int]:
    """Tickets of one matter, each of another caller unless `phone` says whose."""
    made = []
    for n in range(count):
        caller = Caller("钱某", f"1380000{phone or matter * 100 + n:04}")
        moment = hotline.at - timedelta(days=days, minutes=n)
        taken = hotline.take(
            content=said(matter, n), caller=caller, received_at=moment, by=SYSTEM, channel=Channel.PHONE
        )
        made.append(taken.id)
    return made


def aside(hotline: Hotline, count: int) -> None:
    for n in range(count):
        hotline.take(content=other(n), caller=Caller("", f"1390000{n:04}"), by=SYSTEM)


@pytest.fixture
def full(hotline: Hotline) -> Hotline:
    many(hotline, 0, 5)
    many(hotline, 1, 4)
    aside(hotline, 12)
    return hotline


def test_messages_of_one_matter_become_a_topic_with_a_name(full: Hotline) -> None:
    run = actions.find_topics(by=SYSTEM, at=full.at)
    assert (run.tickets, run.topics) == (21, 2)
    found = queries.hot_topics(full.actor("leader"))
    assert [one.tickets for one in found] == [5, 4]
    assert "车位" in found[0].name
    assert "搅拌站" in found[1].name
    assert found[0].rising.is_rising
    assert found[0].weeks[-1] == 5
    assert {one.id for one in queries.behind(found[0].id, full.actor("leader")).items} == set(
        Ticket.objects.filter(pk__in=TopicTicket.objects.filter(topic=found[0].id).values("ticket")).values_list(
            "pk", flat=True
        )
    )


def test_a_topic_keeps_its_number_while_it_lives(full: Hotline) -> None:
    actions.find_topics(by=SYSTEM, at=full.at)
    before = {one.name: one.id for one in queries.hot_topics(full.actor("leader"))}
    many(full, 1, 6, days=1)
    actions.find_topics(by=SYSTEM, at=full.at + timedelta(hours=1))
    first, second = queries.hot_topics(full.actor("leader"))
    assert {first.id, second.id} == set(before.values())
    assert first.tickets > second.tickets
    assert "搅拌站" in first.name
    actions.find_topics(by=SYSTEM, at=full.at + timedelta(days=400))
    assert queries.hot_topics(full.actor("leader")) == []
    assert Topic.objects.count() == 2


def test_the_same_again_changes_nothing(full: Hotline) -> None:
    actions.find_topics(by=SYSTEM, at=full.at)
    before = queries.hot_topics(full.actor("leader"))
    assert actions.find_topics(by=SYSTEM, at=full.at).signed == 0
    assert queries.hot_topics(full.actor("leader")) == before


def test_one_caller_many_times_is_a_repeated_caller_and_no_topic(hotline: Hotline) -> None:
    many(hotline, 0, 6, phone=7)
    aside(hotline, 5)
    actions.find_topics(by=SYSTEM, at=hotline.at)
    assert queries.hot_topics(hotline.actor("leader")) == []
    since, until = hotline.at - timedelta(days=30), hotline.at + timedelta(days=1)
    (caller,) = queries.repeated_callers(hotline.actor("leader"), since=since, until=until)
    assert (caller.tickets, caller.open, caller.phone_masked, caller.name_masked) == (6, 6, "138****0007", "钱*")
    assert len(caller.numbers) == 5
    assert queries.repeated_callers(hotline.actor("housing"), since=since, until=until) == []


def test_a_report_in_confidence_leaves_no_trace(hotline: Hotline) -> None:
    for n in range(4):
        hotline.take(kind=TicketKind.REPORT, content=said(0, n), by=SYSTEM)
    run = actions.find_topics(by=SYSTEM, at=hotline.at)
    assert (run.tickets, run.topics) == (0, 0)
    assert not TicketSignature.objects.exists()
    since, until = hotline.at - timedelta(days=30), hotline.at + timedelta(days=1)
    assert queries.repeated_callers(hotline.actor("leader"), since=since, until=until) == []


def test_a_signature_has_no_text(full: Hotline, run_jobs: Callable[[], int]) -> None:
    run_jobs()
    row = TicketSignature.objects.first()
    assert row is not None
    assert all(isinstance(piece, int) for piece in row.pieces)
    assert row.advice == ""
    assert TicketSignature.objects.count() == 21


def test_who_sees_no_tickets_sees_no_topics(full: Hotline) -> None:
    actions.find_topics(by=SYSTEM, at=full.at)
    for who in ("housing", "city-upkeep"):
        with pytest.raises(NotPermitted):
            queries.hot_topics(full.actor(who))
    with pytest.raises(NotPermitted):
        actions.find_topics(by=full.actor("operator"), at=full.at)
    with pytest.raises(NoSuchTopic):
        queries.topic(999, full.actor("leader"))


def test_a_text_that_is_typed_finds_its_topic(full: Hotline) -> None:
    actions.find_topics(by=SYSTEM, at=full.at)
    ((topic, percent),) = queries.near_topics(said(0, 77))
    assert queries.topic(topic, full.actor("leader")).tickets == 5
    assert 25 <= percent <= 100
    assert queries.near_topics(other(500)) == []
    assert queries.near_topics("") == []


def test_lists_cost_the_same_however_long(full: Hotline, django_assert_max_num_queries: Callable[..., object]) -> None:
    actions.find_topics(by=SYSTEM, at=full.at)
    leader = full.actor("leader")
    queries.hot_topics(leader)
    queries.near_topics(said(0, 3))
    with django_assert_max_num_queries(4):
        queries.hot_topics(leader)
    with django_assert_max_num_queries(1):
        queries.near_topics(said(0, 3))


def test_a_month_s_question(full: Hotline) -> None:
    actions.find_topics(by=SYSTEM, at=full.at)
    leader = full.actor("leader")
    topic = queries.hot_topics(leader)[0]
    given = {
        "month": full.at.date(),
        "title": "新建小区车位捆绑销售",
        "plan": "住建局牵头查处，出台销售规范。",
        "topic_id": topic.id,
    }
    actions.choose_question(**given, lead_org_id=full.org("housing").id, by=leader, at=full.at)
    (question,) = queries.questions(leader)
    assert (question.lead_name, question.month, question.since) == ("区住建局", full.at.date().replace(day=1), 5)
    with pytest.raises(BadQuestion):
        actions.choose_question(**given, lead_org_id=full.org("housing").id, by=leader, at=full.at)
    with pytest.raises(NotPermitted):
        actions.choose_question(**given, lead_org_id=full.org("housing").id, by=full.actor("operator"), at=full.at)
    with pytest.raises(BadQuestion) as said_:
        actions.choose_question(month=date(1999, 1, 1), title=" ", plan="", lead_org_id=0, by=leader, at=full.at)
    assert {place.where for place in said_.value.places} == {"title", "plan", "month", "lead_org", "category"}
    actions.drop_question(question_id=question.id, by=leader, at=full.at)
    assert queries.questions(leader) == []
