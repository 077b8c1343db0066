"""What units, leaders and callers do to a ticket: first contact, help, screening by a second person, rating, and who sees whom."""

from datetime import timedelta

import pytest

from tests.hotline import LIGHT, Hotline
from yiwang.kernel.access.contracts import NotPermitted
from yiwang.kernel.audit import queries as audit
from yiwang.kernel.base.contracts import ANONYMOUS
from yiwang.kernel.cases import actions as engine
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import NotYourCase
from yiwang.services.hotline import actions, queries
from yiwang.services.hotline.contracts import (
    BadTicket,
    Caller,
    CannotDo,
    Channel,
    NotForThisPost,
    NotYourTicket,
    TicketKind,
    TicketView,
)


def report(hotline: Hotline) -> TicketView:
    caller = Caller("林举报", "13912345678", private="我就住在他家楼上")
    return hotline.take(kind=TicketKind.REPORT, channel=Channel.WEB, by=hotline.world.actor("mother"), caller=caller)


def test_first_contact_in_time_counts_as_response(hotline: Hotline) -> None:
    by, at = hotline.actor("city-upkeep"), hotline.at
    quick, slow = hotline.at_unit(), hotline.at_unit()
    actions.contact(number=quick.number, words="明天来修", by=by, at=at)
    actions.contact(number=slow.number, words="来晚了", by=by, at=at + timedelta(days=3))
    with pytest.raises(NotForThisPost):
        actions.contact(number=quick.number, words="我也联系了", by=hotline.actor("housing"), at=at)
    (rates,) = queries.rates(at.date(), at.date())
    assert (rates.dispatched, rates.responded, rates.response_percent) == (2, 1, 50)


def test_who_leads_asks_for_help_and_waits_for_it(hotline: Hotline) -> None:
    ticket, by, at = hotline.at_unit(), hotline.actor("city-upkeep"), hotline.at
    housing = hotline.org("housing").id
    for wrong in ([], [hotline.org("city-upkeep").id], [999_999]):
        with pytest.raises(BadTicket):
            actions.ask_help(number=ticket.number, org_ids=wrong, words="请查线路", by=by, at=at)
    (help_case,) = actions.ask_help(number=ticket.number, org_ids=[housing], words="请查小区线路", by=by, at=at)
    assert help_case.number == f"{ticket.number}-01"
    with pytest.raises(CannotDo):
        hotline.move(ticket, "handle.done", "city-upkeep", grounds="好了")
    clerk = hotline.actor("housing")
    panel = queries.panel(help_case, clerk, at=at)
    assert panel is not None
    assert (panel.helps, panel.asked) == (ticket.number, "请查小区线路")
    engine.advance(case_id=help_case.id, step="answer", choice="answered", grounds="线路正常", by=clerk, at=at)
    hotline.move(ticket, "handle.done", "city-upkeep", grounds="好了")
    assert hotline.steps(ticket) == ["callback"]


def test_what_is_left_out_of_the_figures_takes_two_people(hotline: Hotline) -> None:
    ticket, at = hotline.done(), hotline.at
    hotline.move(ticket, "callback.explained", "callback", form={"satisfaction": "5"}, grounds="要求赔偿一百万")
    unit, leader = hotline.actor("city-upkeep"), hotline.actor("leader")
    with pytest.raises(BadTicket):
        actions.ask_screening(number=ticket.number, reason="whim", words="不想算", by=unit, at=at)
    asked = actions.ask_screening(number=ticket.number, reason="unreasonable", words="索赔过高", by=unit, at=at)
    with pytest.raises(CannotDo):
        actions.ask_screening(number=ticket.number, reason="unlawful", words="再申请", by=unit, at=at)
    with pytest.raises(NotPermitted):
        actions.decide_screening(screening_id=asked.id, agreed=True, words="同意", by=unit, at=at)
    (before,) = queries.rates(at.date(), at.date())
    assert (before.asked, before.satisfied_percent, before.excluded) == (1, 0, 0)
    assert queries.watch(leader, at=at).counts["screenings"] == 1
    actions.decide_screening(screening_id=asked.id, agreed=True, words="证据充分", by=leader, at=at)
    (after,) = queries.rates(at.date(), at.date())
    assert (after.asked, after.satisfied_percent, after.excluded) == (0, None, 1)
    with pytest.raises(CannotDo):
        actions.decide_screening(screening_id=asked.id, agreed=False, words="反悔", by=leader, at=at)


def test_a_unit_that_never_signs_is_on_the_leaders_page(hotline: Hotline) -> None:
    ticket, leader = hotline.dispatched(), hotline.actor("leader")
    assert queries.watch(leader, at=hotline.at).overdue == ()
    later = hotline.at + timedelta(days=9)
    watch = queries.watch(leader, at=later)
    assert [one.number for one in watch.overdue] == [one.number for one in watch.silent] == [ticket.number]
    assert engine.urge(case_id=ticket.case_id, by=leader, at=later) > later
    assert queries.watch(hotline.actor("city-upkeep"), at=later).counts["overdue"] == 0


def test_declining_says_why_and_where_to_go(hotline: Hotline) -> None:
    ticket, by = hotline.take(), hotline.actor("operator")
    with pytest.raises(BadTicket):
        actions.decline(number=ticket.number, reason="no-time", by=by, at=hotline.at)
    actions.decline(number=ticket.number, reason="court", by=by, at=hotline.at)
    after = hotline.again(ticket)
    assert after.outcome == "not-accepted"
    assert "12348" in after.answer


def test_the_caller_may_answer_instead_of_being_called(hotline: Hotline) -> None:
    ticket, at = hotline.done(), hotline.at
    for wrong in ("0000", "111", ""):
        with pytest.raises(NotYourTicket):
            queries.standing(ticket.number, ANONYMOUS, wrong)
    assert queries.standing(ticket.query_code, ANONYMOUS, "1111").may_rate
    with pytest.raises(BadTicket):
        actions.rate(number=ticket.number, phone_tail="1111", solved=False, satisfaction=5, by=ANONYMOUS, at=at)
    actions.rate(
        number=ticket.number, phone_tail="1111", solved=False, satisfaction=5, words="没修", by=ANONYMOUS, at=at
    )
    assert hotline.steps(ticket) == ["handle"]
    hotline.move(ticket, "handle.done", "city-upkeep", grounds="修好了")
    actions.rate(number=ticket.number, phone_tail="1111", solved=True, satisfaction=1, by=ANONYMOUS, at=at)
    assert hotline.again(ticket).outcome == "solved"


def test_who_handles_it_sees_who_called_and_it_is_written_down(hotline: Hotline) -> None:
    ticket, at = hotline.at_unit(), hotline.at
    assert actions.show_caller(number=ticket.number, by=hotline.actor("city-upkeep"), at=at).phone == "13900001111"
    assert "hotline.caller.shown" in {one.event for one in audit.trail(f"case:{ticket.number}").items}
    with pytest.raises(NotYourCase):
        actions.show_caller(number=ticket.number, by=hotline.actor("housing"), at=at)


def test_only_the_keeper_sees_who_sent_a_report(hotline: Hotline) -> None:
    ticket, at = report(hotline), hotline.at
    hotline.move(ticket, "desk.dispatch", "operator")
    for who in ("operator", "leader", "city-upkeep", "callback", "keeper"):
        with pytest.raises(NotForThisPost):
            actions.show_caller(number=ticket.number, by=hotline.actor(who), at=at)
    for who in ("operator", "leader", "city-upkeep", "callback", "supervisor"):
        with pytest.raises(NotPermitted):
            actions.reveal(number=ticket.number, purpose="看看", by=hotline.actor(who), at=at)
    keeper = hotline.actor("keeper")
    with pytest.raises(BadTicket):
        actions.reveal(number=ticket.number, purpose=" ", by=keeper, at=at)
    assert actions.reveal(number=ticket.number, purpose="核实线索", by=keeper, at=at).phone == "13912345678"
    # Nothing that others read leads to the person: not the case, its history, search by number, or who used whose data.
    mother = hotline.world.mother
    assert cases.of_applicant(mother.id).items == []
    assert audit.disclosures_of(mother.subject_key).items == []
    assert queries.of_phone("13912345678", hotline.actor("operator")) == []
    assert queries.alike(text=ticket.content, at=at) == []
    # The person finds it.
    assert [one.number for one in queries.mine(hotline.world.actor("mother")).items] == [ticket.number]
    assert queries.mine(hotline.world.actor("father")).items == []
    assert queries.standing(ticket.number, ANONYMOUS, "5678").ticket.kind is TicketKind.REPORT


def test_where_there_is_no_such_unit_the_place_itself_has_it(hotline: Hotline) -> None:
    upkeep, local = queries.unit_for(LIGHT, "990102000000"), queries.unit_for(LIGHT, "990103000000")
    assert upkeep is not None
    assert local is not None
    assert (upkeep.short_name, local.short_name) == ("区城管局", "望湖区政府")
    assert queries.unit_for("", "990102000000") == hotline.world.org("district")
