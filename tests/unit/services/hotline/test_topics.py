"""Hot topics from tickets: signed without their text, gathered, named by shared words, kept over nights; repeated callers; 每月一题."""

import contextlib
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.conf import settings
from django.utils import timezone

from tests.hotline import Hotline
from tests.standing import standing
from tests.unit.services.hotline.messages import other, said
from yiwang.kernel.access.contracts import NotPermitted
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.retention import queries as retention
from yiwang.kernel.retention.actions import erase_due
from yiwang.kernel.workdays.contracts import LEGAL_TIME
from yiwang.services.hotline import actions, listeners, queries
from yiwang.services.hotline._topic_shapes import BadQuestion, NoSuchTopic
from yiwang.services.hotline.contracts import Caller, Channel, TicketKind
from yiwang.services.hotline.models import Ticket, TicketSignature, Topic, TopicTicket
from yiwang.site.cli import hotline as command_line
from yiwang.support.notify import queries as notify


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


@standing
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


def test_topics_of_years_ago_are_gathered_by_their_last_day(hotline: Hotline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command_line, "records", contextlib.nullcontext)
    many(hotline, 0, 5, days=2000)
    run, then = CliRunner(), f"{(hotline.at - timedelta(days=2000)).astimezone(LEGAL_TIME):%Y-%m-%d}"
    assert "归出 0 个" in run.invoke(command_line.command, ["topics"], catch_exceptions=False).output
    assert "归出 1 个" in run.invoke(command_line.command, ["topics", "--until", then], catch_exceptions=False).output


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
    (question,) = queries.questions(leader, at=full.at)
    assert (question.lead_name, question.month, question.since) == ("区住建局", full.at.date().replace(day=1), 5)
    with pytest.raises(BadQuestion):
        actions.choose_question(**given, lead_org_id=full.org("housing").id, by=leader, at=full.at)
    with pytest.raises(NotPermitted):
        actions.choose_question(**given, lead_org_id=full.org("housing").id, by=full.actor("operator"), at=full.at)
    with pytest.raises(BadQuestion) as said_:
        actions.choose_question(month=date(1999, 1, 1), title=" ", plan="", lead_org_id=0, by=leader, at=full.at)
    assert {place.where for place in said_.value.places} == {"title", "plan", "month", "lead_org", "category"}
    actions.drop_question(question_id=question.id, by=leader, at=full.at)
    assert queries.questions(leader, at=full.at) == []


def test_the_leader_chooses_a_topic_as_the_month_s_question_on_its_page(full: Hotline, client_as: Any) -> None:
    actions.find_topics(by=SYSTEM, at=full.at)
    topic = queries.hot_topics(full.actor("leader"))[0]
    desk, page = client_as("hotline.leader"), f"/desk/hotline/topics/{topic.id}"
    assert "选为每月一题" in desk.get(page).content.decode()
    assert "选为每月一题" not in client_as("hotline.operator").get(page).content.decode()
    wrong = desk.post(f"{page}/question", {"month": "2026-13", "title": "", "lead": "x", "plan": ""})
    assert wrong.status_code == 422
    given = {
        "month": f"{timezone.localdate():%Y-%m}", "title": "车位捆绑销售", "lead": full.org("housing").id, "plan": "五个楼盘都有，查处并规范",
    }  # fmt: skip
    assert client_as("hotline.operator").post(f"{page}/question", given).status_code == 403
    assert desk.post(f"{page}/question", given).url == "/desk/hotline/topics"
    shown = desk.get("/desk/hotline/topics").content.decode()
    assert all(words in shown for words in ("车位捆绑销售", "区住建局", "（选题）"))
    (question,) = queries.questions(full.actor("leader"), at=timezone.now())
    assert desk.post(f"/desk/hotline/questions/{question.id}/drop").status_code == 302
    assert "车位捆绑销售" not in desk.get("/desk/hotline/topics").content.decode()


def test_signatures_and_past_topics_go_when_their_time_is_over(full: Hotline) -> None:
    actions.find_topics(by=SYSTEM, at=full.at)
    leader, later = full.actor("leader"), full.at + timedelta(days=366 * 4)
    kept, _ = queries.hot_topics(leader)[:2]
    given = {"month": full.at.date(), "title": "车位", "plan": "查处", "topic_id": kept.id}
    actions.choose_question(**given, lead_org_id=full.org("housing").id, by=leader, at=full.at)
    actions.find_topics(by=SYSTEM, at=later)
    assert not [one for one in retention.due(full.at) if one.store.startswith("hotline.") and one.count]
    stores = ("hotline.signatures", "hotline.topics")
    erased = [report.count for store in stores for report in erase_due(by=SYSTEM, at=later, store=store)]
    assert erased == [21, 2]
    assert not TicketSignature.objects.exists()
    assert [(row.pk, row.pieces) for row in Topic.objects.all()] == [(kept.id, [])]
    assert [one.title for one in queries.questions(leader, at=full.at)] == ["车位"]
    assert not [one for one in retention.due(later) if one.store.startswith("hotline.") and one.count]


def test_who_said_the_same_is_told_when_the_main_ticket_ends(hotline: Hotline) -> None:
    mother = hotline.world.actor("mother")
    main, other_one = hotline.done(), hotline.take(by=mother, channel=Channel.WEB)
    hotline.move(other_one, "desk.merge", "operator", grounds=f"与{main.number}同一件事")
    before = notify.unread(hotline.world.mother.id)
    hotline.move(main, "callback.solved", "callback", form={"satisfaction": "2"})
    for _ in range(2):
        listeners.case_closed(payload={"case_id": main.case_id, "kind": "ticket"}, at=hotline.at)
    assert notify.unread(hotline.world.mother.id) == before + 1
    assert "一并办结" in str(notify.inbox(hotline.world.mother.id).items[0].zh)


def test_an_operator_sees_the_topic_while_typing(full: Hotline, client_as: Any) -> None:
    desk = client_as("hotline.operator")
    assert "<h2>热点</h2>" not in desk.post("/desk/hotline/hints", {"content": said(0, 77)}).content.decode()
    actions.find_topics(by=SYSTEM, at=full.at)
    assert "5人反映5件" in desk.post("/desk/hotline/hints", {"content": said(0, 77)}).content.decode()
    assert "<h2>热点</h2>" not in desk.post("/desk/hotline/hints", {"content": other(99)}).content.decode()
