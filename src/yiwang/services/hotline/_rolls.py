"""Whom a ticket's steps ask: the unit that leads, and how long it has; and the incidents that a ticket becomes."""

from collections.abc import Sequence

from yiwang.kernel.cases.contracts import CaseView, Instance, Part, plans, register_plan, register_roll
from yiwang.kernel.workdays import queries as workdays
from yiwang.kernel.workdays.contracts import Limit, Unit
from yiwang.services.hotline import _policy
from yiwang.services.hotline.contracts import CannotDo, TicketKind, Urgency
from yiwang.services.hotline.kinds import Limits
from yiwang.services.hotline.models import Ticket

HOUR = 3600
INCIDENTS = "incidents.from_ticket"
"""The plan that an app of the other net registers; neither knows the other."""


def limits_of(ticket: Ticket) -> Limits:
    return _policy.policy().limits_for(TicketKind(ticket.kind), Urgency(ticket.urgency))


def signing(case: CaseView) -> Sequence[Instance]:
    """The leading unit, with the time to sign for it."""
    ticket = _ticket(case)
    return [Instance(_lead(ticket), limit=limits_of(ticket).sign)]


def handling(case: CaseView) -> Sequence[Instance]:
    """The leading unit, with what is left of its time."""
    ticket = _ticket(case)
    return [Instance(_lead(ticket), limit=_left(ticket))]


def parked(case: CaseView) -> Sequence[Instance]:
    """The leading unit, until the day on which it looks again."""
    ticket = _ticket(case)
    today = workdays.legal_day(ticket.moved_at) if ticket.moved_at else None
    days = (ticket.review_on - today).days if ticket.review_on and today else 0
    return [Instance(_lead(ticket), limit=Limit(max(0, days), Unit.DAY))]


def onsite(case: CaseView) -> list[Part]:
    """The incidents that a ticket becomes, as whoever runs the grids plans them from the case's data."""
    known = plans.get(INCIDENTS)
    if known is None:
        raise CannotDo("这里没有开通网格事件。", hint="请由承办单位办理。")
    return known.plan(case)


def register() -> None:
    register_plan("hotline.onsite", onsite)
    register_roll("hotline.signing", signing)
    register_roll("hotline.handling", handling)
    register_roll("hotline.parked", parked)


def _left(ticket: Ticket) -> Limit:
    """What is left until the ticket's due, in the unit it was given in; begun hours are not given."""
    unit = limits_of(ticket).handle.unit
    if ticket.due_at is None or ticket.moved_at is None:
        return limits_of(ticket).handle
    if unit in (Unit.HOUR, Unit.WORKHOUR):
        left = workdays.worked(ticket.moved_at, ticket.due_at) if unit is Unit.WORKHOUR else _seconds(ticket)
        return Limit(max(0, left // HOUR), unit)
    if unit is Unit.DAY:
        return Limit(max(0, (workdays.legal_day(ticket.due_at) - workdays.legal_day(ticket.moved_at)).days), unit)
    return Limit(max(0, workdays.workdays_between(ticket.moved_at, ticket.due_at)), unit)


def _seconds(ticket: Ticket) -> int:
    assert ticket.due_at is not None
    assert ticket.moved_at is not None
    return int((ticket.due_at - ticket.moved_at).total_seconds())


def _ticket(case: CaseView) -> Ticket:
    return Ticket.objects.get(case_id=case.id)


def _lead(ticket: Ticket) -> int:
    if ticket.lead_org_id is None:
        raise CannotDo("还没有确定承办单位。", hint="请先选承办单位再派单。")
    return ticket.lead_org_id
