"""A ticket that another net hands over as a sub-case: planned from what that case tells, its row written as its case opens."""

from dataclasses import asdict
from typing import Any

from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.events import publish
from yiwang.kernel.base.sealing import sealed_index
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import CaseView, EffectContext, Part, register_effect, register_plan
from yiwang.kernel.people import queries as people
from yiwang.services.hotline import _intake, _policy, _sketch
from yiwang.services.hotline.contracts import KIND, KIND_NAMES, Caller, Channel, TicketKind
from yiwang.services.hotline.models import Ticket

SLOT = "ticket"


def from_rating(case: CaseView) -> list[Part]:
    """One ticket of a bad rating that was not put right: same number, same family, the person who rated is its caller.

    Read from the results of the case: `ticket: {content}`, what the hotline and the unit read.
    """
    told = cases.results(case.id).get(SLOT)
    content = str(told.get("content") or "") if isinstance(told, dict) else ""
    kind, office = TicketKind.COMPLAINT, _intake.office_of(case.region_code)
    data = {
        "kind": kind.value,
        "channel": Channel.RATING.value,
        "content": (content or case.title)[: _intake.CONTENT_MAX],
        "region_code": case.region_code,
    }
    return [
        Part(
            slot=SLOT,
            title=f"{KIND_NAMES[kind]}：{case.title}"[:200],
            kind=KIND,
            flow=_policy.policy().flow,
            org_id=office.id,
            subject=case.subject,
            data={SLOT: data},
            region_code=case.region_code,
            applicant_id=case.applicant_id,
        )
    ]


def enter(context: EffectContext) -> None:
    """The row of a ticket that was handed over; one that was taken down has its row from there."""
    given = cases.data(context.case.id).get(SLOT)
    if not isinstance(given, dict):
        return
    case, content = context.case, str(given["content"])
    caller = _caller(case)
    numbers = _sketch.sketch(content)
    row = Ticket.objects.create(
        case_id=case.id,
        number=case.number,
        org_id=case.org_id,
        kind=given["kind"],
        channel=given["channel"],
        content=content,
        caller=asdict(caller),
        phone_index=sealed_index(_intake.phone_of(caller.phone)) if caller.phone else "",
        party_id=case.applicant_id,
        region_code=given["region_code"],
        intake_key=sealed_index(f"hotline/case/{case.id}"),
        intake_digest=_intake.digest_of(content),
        received_at=context.at,
        sketch=numbers,
        bands=_sketch.bands(numbers),
    )
    detail: dict[str, Any] = {"channel": row.channel, "kind": row.kind}
    audit.record("hotline.ticket.taken", target=f"case:{case.number}", by=context.by, at=context.at, detail=detail)
    publish("hotline.tickets.taken", {"ticket_ids": [row.pk]}, at=context.at)


def _caller(case: CaseView) -> Caller:
    if case.applicant_id is None:
        return Caller(name=case.subject)
    party = people.party(case.applicant_id)
    return Caller(name=party.name, phone=party.phone or "", party_id=party.id)


def register() -> None:
    register_plan("hotline.from_rating", from_rating)
    register_effect("hotline.enter", enter)
