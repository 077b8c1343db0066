"""What one net hands to another stays one family under one number: ticket, incident, matter of supervision; bad rating, ticket."""

from collections.abc import Callable
from decimal import Decimal

from django.test import Client
from django.urls import reverse

from tests.hotline import WORDS, Hotline
from tests.streets import SPOT, Street
from tests.world import VILLAGE
from yiwang.governance.incidents import queries
from yiwang.kernel.cases import actions as engine
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import CaseView
from yiwang.services.feedback import actions as feedback
from yiwang.services.feedback.contracts import Channel as RatingChannel
from yiwang.services.hotline import queries as tickets
from yiwang.services.hotline.contracts import Channel, Spot, TicketKind, TicketView

HERE = Spot("望湖路3号", Decimal(str(SPOT[0])), Decimal(str(SPOT[1])), VILLAGE, f"{VILLAGE}001")


def handed_over(hotline: Hotline, street: Street, **more: object) -> tuple[TicketView, str]:
    """A ticket that its unit sends to the grid; the ticket and the number of the incident's case."""
    ticket = hotline.take(spot=HERE, **more)
    unit = str(hotline.org("city-upkeep").id)
    hotline.move(ticket, "desk.dispatch", "operator", form={"org_id": unit})
    hotline.move(ticket, "sign.accept", "city-upkeep")
    hotline.move(ticket, "handle.incident", "city-upkeep")
    (slot,) = cases.family(ticket.case_id).slots
    assert slot.case is not None
    return ticket, slot.case.number


def test_a_ticket_becomes_an_incident_with_what_the_caller_said(hotline: Hotline, street: Street) -> None:
    ticket, number = handed_over(hotline, street)
    assert number == f"{ticket.number}-01"
    incident = queries.by_case(cases.by_number(number).id)
    assert incident is not None
    assert (float(incident.lon), float(incident.lat), incident.grid_code) == (*SPOT, HERE.grid_code)
    (report,) = queries.reports(incident.code)
    assert (report.words, report.place) == (WORDS, HERE.words)


def test_an_incident_of_an_informant_says_only_where(hotline: Hotline, street: Street) -> None:
    keeper = hotline.world.actor("mother")
    _, number = handed_over(hotline, street, kind=TicketKind.REPORT, channel=Channel.WEB, by=keeper)
    incident = queries.by_case(cases.by_number(number).id)
    assert incident is not None
    (report,) = queries.reports(incident.code)
    assert (WORDS in report.words, report.place) == (False, HERE.words)


def test_a_ticket_its_incident_and_the_matter_of_supervision_are_one_family(hotline: Hotline, street: Street) -> None:
    ticket, number = handed_over(hotline, street)
    street.take(number, "street.desk", "file", "file")
    street.take(number, "street.desk", "dispatch", "supervise", "提请督办")
    numbers = {slot.case.number for slot in cases.family(ticket.case_id).slots if slot.case}
    assert numbers == {number, f"{ticket.number}-02"}
    assert {cases.by_number(one).root_id for one in numbers} == {ticket.case_id}
    assert hotline.steps(ticket) == ["onsite"]


def dissatisfied(hotline: Hotline) -> CaseView:
    """A bad rating that the unit did not put right: with the supervisor."""
    world = hotline.world
    rated = engine.open_case(
        kind="application", flow="national.feedback.bad-rating", title="出生医学证明", org_id=world.org("health").id,
        region_code="990102000000", applicant_id=world.mother.id, subject="陈晓岚", data={"matter": {"id": "x"}}, limits={},
        by=world.actor("mother"), at=world.at,
    )  # fmt: skip
    engine.terminate(case_id=rated.id, reason="测试", by=world.actor("city.supervisor"), at=world.at)
    rating = feedback.rate(
        case_id=rated.id, level=5, channel=RatingChannel.WEB, tags=["rude"], words="窗口让我跑了三趟", by=world.actor("mother"),
        at=world.at,
    )  # fmt: skip
    for step, choice, who in (
        ("verify", "confirmed", "health.clerk"), ("rectify", "answered", "health.approver"), ("again", "bad", "mother"),
    ):  # fmt: skip
        case = engine.advance(
            case_id=cases.by_number(rating.follow_up_number).id, step=step, choice=choice, grounds="已联系",
            by=world.actor(who), at=world.at,
        )  # fmt: skip
    return case


def raised(hotline: Hotline) -> tuple[CaseView, TicketView]:
    """The same, made a ticket."""
    follow_up = dissatisfied(hotline)
    take = {"case_id": follow_up.id, "step": "raise", "choice": "ticket", "by": hotline.world.actor("city.supervisor")}
    engine.advance(**take, grounds="请热线跟到底", at=hotline.at)  # type: ignore[arg-type]
    return follow_up, tickets.view(f"{follow_up.number}-01")


def test_a_bad_rating_becomes_a_ticket_of_the_same_number_with_its_words_and_caller(hotline: Hotline) -> None:
    follow_up, ticket = raised(hotline)
    assert ticket.channel is Channel.RATING
    assert all(part in ticket.content for part in ("出生医学证明", "窗口让我跑了三趟", "态度不好", "请热线跟到底"))
    assert ticket.number in {one.number for one in tickets.mine(hotline.world.actor("mother")).items}
    assert cases.peek(ticket.case_id).root_id == follow_up.id
    assert hotline.steps(ticket) == ["desk"]


def test_a_rating_whose_ticket_is_solved_is_done(hotline: Hotline) -> None:
    follow_up, ticket = raised(hotline)
    hotline.move(ticket, "desk.dispatch", "operator", form={"org_id": str(hotline.org("housing").id)})
    hotline.move(ticket, "sign.accept", "housing")
    hotline.move(ticket, "handle.done", "housing", grounds="已上门道歉并当场办结。")
    hotline.move(ticket, "callback.solved", "callback", form={"satisfaction": "2"})
    assert (cases.peek(follow_up.id).outcome, tickets.view(ticket.number).outcome) == ("rectified", "solved")


def test_a_rating_whose_ticket_comes_to_nothing_is_the_supervisors_again(hotline: Hotline) -> None:
    follow_up, ticket = raised(hotline)
    hotline.move(ticket, "desk.decline", "operator", grounds="已进入信访程序")
    assert [task.step for task in cases.peek(follow_up.id).steps_open] == ["raise"]


def test_one_page_shows_the_rating_and_its_ticket(hotline: Hotline, client_as: Callable[[str], Client]) -> None:
    follow_up, ticket = raised(hotline)
    page = client_as("city.supervisor").get(reverse("desk-case", args=[follow_up.number])).content.decode()
    assert ticket.number in page
