"""A ticket from the telephone to the call-back: taken once, dispatched by the catalogue, returned in time, redone once."""

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.hotline import LIGHT, WORDS, Hotline
from tests.world import DISTRICT
from yiwang.kernel.access.contracts import NotPermitted
from yiwang.kernel.base.contracts import ANONYMOUS
from yiwang.kernel.base.idempotency import KeyReused
from yiwang.kernel.base.throttle import TooOften
from yiwang.kernel.cases import queries as cases
from yiwang.services.hotline import queries
from yiwang.services.hotline.contracts import (
    BadTicket,
    Caller,
    CannotDo,
    CannotReturn,
    Channel,
    NotForThisPost,
    Spot,
    TicketKind,
    Urgency,
)
from yiwang.services.hotline.models import Call, Ruling, Ticket


def test_the_same_key_is_one_ticket(hotline: Hotline) -> None:
    first = hotline.take(key="once")
    assert hotline.take(key="once").number == first.number
    assert Ticket.objects.count() == 1
    with pytest.raises(KeyReused):
        hotline.take(key="once", content="别的事")


def test_an_outside_number_is_one_ticket_whatever_key_it_comes_with(hotline: Hotline) -> None:
    first = hotline.take(external=("110", "JQ-1"))
    assert hotline.take(external=("110", "JQ-1")).number == first.number


def test_the_case_names_the_topic_and_nobody(hotline: Hotline) -> None:
    ticket = hotline.take()
    case = cases.peek(ticket.case_id)
    assert (case.title, case.applicant_id, case.kind) == ("求助：路灯照明", None, "ticket")
    assert ticket.phone_masked == "139****1111"


def test_what_cannot_be_is_not_taken(hotline: Hotline) -> None:
    wrong: list[dict[str, object]] = [
        {"content": "   "},
        {"content": "长" * 4001},
        {"caller": Caller("", "不是电话")},
        {"spot": Spot("", Decimal(200), Decimal(3), DISTRICT)},
        {"spot": Spot("", Decimal("NaN"), Decimal(3), DISTRICT)},
        {"spot": Spot("", Decimal(3), None, DISTRICT)},
        {"spot": Spot("", None, None, "123456789012")},
        {"category": "999999"},
        {"key": ""},
    ]
    for each in wrong:
        with pytest.raises(BadTicket):
            hotline.take(**each)
    assert not Ticket.objects.exists()


def test_impossible_times_are_not_taken(hotline: Hotline) -> None:
    for days in (1, -20_000):
        with pytest.raises(BadTicket):
            hotline.take(received_at=hotline.at + timedelta(days=days))


def test_a_unit_cannot_take_tickets_down(hotline: Hotline) -> None:
    with pytest.raises(NotPermitted):
        hotline.take(by=hotline.actor("city-upkeep"))


def test_a_stranger_cannot_say_to_be_the_telephone(hotline: Hotline) -> None:
    with pytest.raises(NotForThisPost):
        hotline.take(by=ANONYMOUS)


def test_one_number_brings_in_so_many_a_day(hotline: Hotline) -> None:
    for _ in range(30):
        hotline.take(by=ANONYMOUS, channel=Channel.WEB)
    with pytest.raises(TooOften):
        hotline.take(by=ANONYMOUS, channel=Channel.WEB)


def test_the_catalogue_says_whose_it_is(hotline: Hotline) -> None:
    ticket = hotline.dispatched()
    assert ticket.lead_org_id == hotline.org("city-upkeep").id
    task = hotline.task(ticket)
    assert (task.step, task.org_id) == ("sign", hotline.org("city-upkeep").id)


def test_a_whole_life(hotline: Hotline) -> None:
    ticket = hotline.done()
    assert (hotline.steps(ticket), ticket.answer) == (["callback"], "已更换灯具。")
    hotline.move(ticket, "callback.solved", "callback", form={"satisfaction": "2"})
    ticket = hotline.again(ticket)
    assert (ticket.is_open, ticket.outcome, ticket.solved, ticket.satisfaction) == (False, "solved", True, 2)


def test_urgent_hours_run_by_night_and_on_holidays(hotline: Hotline) -> None:
    saturday = hotline.at + timedelta(days=5, hours=12)  # ten in the evening
    ticket = hotline.take(urgency=Urgency.EMERGENCY, at=saturday)
    hotline.move(ticket, "desk.dispatch", "operator", at=saturday)
    task = hotline.task(ticket)
    assert task.due_at == saturday + timedelta(hours=1)
    assert hotline.again(ticket).due_at == saturday + timedelta(hours=2)


def test_the_first_unit_may_return_it_within_a_work_day_only(hotline: Hotline) -> None:
    late, soon = hotline.dispatched(), hotline.at_unit()
    with pytest.raises(CannotReturn):
        hotline.move(
            late, "sign.return", "city-upkeep", grounds="权责清单不含此事项", at=hotline.at + timedelta(days=2)
        )
    hotline.move(soon, "handle.return", "city-upkeep", grounds="权责清单不含此事项")
    assert (hotline.steps(soon), hotline.again(soon).returns) == (["returned"], 1)


def test_a_second_return_goes_to_a_ruling_that_stands_for_the_next_ticket(hotline: Hotline) -> None:
    ticket = hotline.dispatched()
    housing = hotline.org("housing").id
    hotline.move(ticket, "sign.return", "city-upkeep", grounds="权责清单不含此事项")
    hotline.move(ticket, "returned.redispatch", "operator", form={"org_id": housing})
    hotline.move(ticket, "sign.return", "housing", grounds="权责清单不含此事项")
    with pytest.raises(CannotDo):
        hotline.move(ticket, "returned.redispatch", "operator", form={"org_id": housing})
    hotline.move(ticket, "returned.ruling", "operator")
    hotline.move(ticket, "ruling.rule", "leader", grounds="小区内路灯归住建", form={"org_id": housing})
    assert hotline.steps(ticket) == ["sign"]
    with pytest.raises(CannotReturn):
        hotline.move(ticket, "sign.return", "housing", grounds="权责清单不含此事项")
    (ruling,) = Ruling.objects.all()
    assert (ruling.category, ruling.org_id) == (LIGHT, housing)
    assert hotline.dispatched().lead_org_id == housing


def test_what_is_not_solved_is_redone_once_then_supervised(hotline: Hotline) -> None:
    ticket = hotline.done()
    no = {"satisfaction": "4"}
    hotline.move(ticket, "callback.unsolved", "callback", form=no, grounds="灯还是不亮")
    hotline.move(ticket, "handle.done", "city-upkeep", grounds="又换了灯具。")
    with pytest.raises(CannotDo):
        hotline.move(ticket, "callback.unsolved", "callback", form=no, grounds="还是不亮")
    hotline.move(ticket, "callback.supervise", "callback", form=no, grounds="还是不亮")
    task = hotline.task(ticket)
    assert (task.step, task.org_id) == ("supervise", hotline.org("supervision").id)
    hotline.move(ticket, "supervise.redo", "supervisor", grounds="三日内更换线路")
    assert hotline.steps(ticket) == ["handle"]
    assert [call.solved for call in Call.objects.order_by("id")] == [False, False]


def test_who_cannot_be_reached_is_called_three_times(hotline: Hotline) -> None:
    ticket = hotline.done()
    with pytest.raises(CannotDo):
        hotline.move(ticket, "callback.unreachable", "callback")
    for _ in range(3):
        hotline.move(ticket, "callback.unreached", "callback")
    with pytest.raises(CannotDo):
        hotline.move(ticket, "callback.unreached", "callback")
    hotline.move(ticket, "callback.unreachable", "callback")
    assert (hotline.again(ticket).outcome, hotline.again(ticket).contacted) == ("unreachable", False)


def test_more_time_is_asked_for_once_and_agreed_by_another(hotline: Hotline) -> None:
    ticket = hotline.at_unit()
    due = ticket.due_at
    assert due is not None
    hotline.move(ticket, "handle.extension", "city-upkeep", grounds="灯具要定制", form={"days": "5"})
    hotline.move(ticket, "extension.approve", "leader")
    task = hotline.task(ticket)
    after = hotline.again(ticket).due_at
    assert after is not None
    assert task.step == "handle"
    assert task.due_at == after == due + timedelta(days=7)
    with pytest.raises(CannotDo):
        hotline.move(ticket, "handle.extension", "city-upkeep", grounds="还要", form={"days": "5"})


def test_what_cannot_be_solved_soon_is_parked_with_a_plan_and_a_day(hotline: Hotline) -> None:
    ticket = hotline.at_unit()
    plan = {"plan": "列入明年改造", "review_on": "2027-03-01"}
    with pytest.raises(BadTicket):
        hotline.move(ticket, "handle.park", "city-upkeep", grounds="要立项", form=plan | {"review_on": "2029-01-01"})
    hotline.move(ticket, "handle.park", "city-upkeep", grounds="要立项", form=plan)
    hotline.move(ticket, "parking.approve", "leader")
    task = hotline.task(ticket)
    assert task.step == "parked"
    assert task.due_at is not None
    assert task.due_at.date().isoformat() == "2027-03-01"
    assert hotline.again(ticket).is_parked
    hotline.move(ticket, "parked.resume", "city-upkeep", grounds="已立项")
    assert (hotline.steps(ticket), hotline.again(ticket).is_parked) == (["handle"], False)


def test_the_police_and_back(hotline: Hotline) -> None:
    ticket = hotline.take()
    hotline.move(ticket, "desk.to-police", "operator", grounds="有人打架")
    hotline.move(ticket, "police.back", "operator", grounds="不属警情")
    hotline.move(ticket, "desk.to-police", "operator", grounds="又打起来了")
    hotline.move(ticket, "police.taken", "operator", grounds="接警编号JQ20261123")
    assert hotline.again(ticket).outcome == "transferred"


def test_a_double_is_merged_into_the_one_that_stays(hotline: Hotline) -> None:
    first, second = hotline.take(), hotline.take()
    with pytest.raises(BadTicket):
        hotline.move(second, "desk.merge", "operator", grounds="重复")
    hotline.move(second, "desk.merge", "operator", grounds=f"与{first.number}重复")
    assert (hotline.again(second).outcome, hotline.again(second).excluded) == ("merged", "merged")


def test_alike_texts_are_found_by_numbers(hotline: Hotline) -> None:
    first = hotline.take()
    hotline.take(content="物业费收得太高了，又不打扫楼道，电梯也常坏。")
    found = queries.alike(text=WORDS.replace("三天", "四天"), at=hotline.at)
    assert [one.number for one in found] == [first.number]
    assert queries.alike(text="完全不相干的一句话，说的是学校食堂。", at=hotline.at) == []


def test_untrained_suggestions_say_that_they_are_words_of_the_tree(hotline: Hotline) -> None:
    (best, *_) = queries.suggest(text=WORDS, region_code=DISTRICT)
    assert (best.category, best.org_name) == (LIGHT, "区城管局")
    assert best.confidence <= 60
    assert "未经训练" in best.reason


def test_answers_are_found_as_people_ask(hotline: Hotline) -> None:
    found = queries.answers("我社保卡丢了怎么办", on=hotline.at)
    assert found
    assert "12333" in found[0].answer


def test_an_informant_leaves_no_trace_in_the_case(hotline: Hotline) -> None:
    mother = hotline.world.actor("mother")
    ticket = hotline.take(kind=TicketKind.REPORT, channel=Channel.WEB, by=mother)
    case = cases.peek(ticket.case_id)
    row = Ticket.objects.get(number=ticket.number)
    assert (case.applicant_id, case.filed_by_id, case.subject) == (None, None, "")
    assert (row.phone_index, row.party_id, ticket.phone_masked) == ("", None, "保密")
    assert {event.actor_id for event in cases.history(case.id)} == {None}
    assert queries.of_phone("13900001111", hotline.actor("operator")) == []
