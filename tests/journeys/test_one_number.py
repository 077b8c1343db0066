"""What one net hands to another stays one family under one number: a ticket that becomes an incident, and that a matter of supervision."""

from decimal import Decimal

from tests.hotline import WORDS, Hotline
from tests.streets import SPOT, Street
from tests.world import VILLAGE
from yiwang.governance.incidents import queries
from yiwang.kernel.cases import queries as cases
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
