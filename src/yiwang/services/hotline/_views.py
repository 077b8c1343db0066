"""Rows of the hotline as what other apps see of them."""

from yiwang.kernel.base.masking import mask_name, mask_phone
from yiwang.kernel.cases.contracts import CaseStatus, CaseView
from yiwang.services.hotline import _policy
from yiwang.services.hotline.contracts import (
    CallView,
    Channel,
    RulingView,
    Satisfaction,
    ScreeningView,
    Spot,
    TicketKind,
    TicketView,
    Urgency,
)
from yiwang.services.hotline.models import Call, Ruling, Screening, Ticket

HIDDEN = "保密"


def as_view(row: Ticket, opened: CaseView | None = None) -> TicketView:
    """`opened` is its case where that is at hand and need not be read."""
    caller, case = row.caller or {}, opened or row.case
    return TicketView(
        id=row.pk,
        case_id=row.case_id,
        number=row.number,
        query_code=case.query_code,
        kind=TicketKind(row.kind),
        channel=Channel(row.channel),
        title=case.title,
        content=row.content,
        category=row.category,
        category_name=_policy.tree().line(row.category),
        spot=Spot(row.place or "", row.lon, row.lat, row.region_code, row.grid_code),
        urgency=Urgency(row.urgency),
        external_number=row.external_number,
        received_at=row.received_at,
        is_confidential=row.is_confidential,
        lead_org_id=row.lead_org_id,
        dispatched_at=row.dispatched_at,
        responded_at=row.responded_at,
        respond_due_at=row.respond_due_at,
        due_at=row.due_at,
        finished_at=row.finished_at,
        returns=row.returns,
        redone=row.redone,
        calls=row.calls,
        asked_days=row.asked_days,
        plan=row.plan or "",
        review_on=row.review_on,
        is_parked=row.is_parked,
        is_ruled=row.is_ruled,
        outcome=case.outcome,
        answer=row.answer or "",
        is_open=case.status == CaseStatus.OPEN,
        contacted=row.contacted,
        solved=row.solved,
        satisfaction=Satisfaction(row.satisfaction) if row.satisfaction else None,
        excluded=row.excluded,
        closed_at=case.closed_at,
        caller_masked=HIDDEN if row.is_confidential else mask_name(str(caller.get("name", ""))),
        phone_masked=HIDDEN if row.is_confidential else mask_phone(str(caller.get("phone", ""))),
    )


def screening_view(row: Screening) -> ScreeningView:
    names = {one.code: one.name.zh for one in _policy.policy().exclusions}
    return ScreeningView(
        row.pk,
        row.ticket.number,
        names.get(row.reason, row.reason),
        row.words,
        row.asked_at,
        row.asked_by_id,
        row.ticket.lead_org_id,
        row.decided_at,
        row.is_agreed,
    )


def ruling_view(row: Ruling) -> RulingView:
    return RulingView(
        row.pk,
        row.category,
        row.region_code,
        row.org_id,
        row.ticket.number if row.ticket else "",
        row.words,
        row.decided_at,
        row.ended_at,
    )


def calls(ticket_id: int) -> list[CallView]:
    """Every attempt to ask the caller, in order."""
    rows = Call.objects.filter(ticket=ticket_id).order_by("id")
    return [
        CallView(
            row.called_at,
            row.channel,
            row.is_reached,
            row.solved,
            Satisfaction(row.satisfaction) if row.satisfaction else None,
            row.words or "",
        )
        for row in rows
    ]
