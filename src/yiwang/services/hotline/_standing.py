"""One ticket for who sent it, and for the desk beside its case."""

from datetime import datetime

from django.db.models import Q

from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.paging import Page, keyset
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import CaseStatus, CaseView
from yiwang.kernel.orgs import queries as orgs
from yiwang.services.hotline import _intake, _policy
from yiwang.services.hotline._hints import alike, suggest
from yiwang.services.hotline._views import as_view, calls, screening_view
from yiwang.services.hotline.contracts import (
    HELP,
    AssistView,
    NotYourTicket,
    Panel,
    Standing,
    TicketView,
)
from yiwang.services.hotline.models import Assist, Screening, Ticket

TAIL = 4


def mine(by: Actor, *, cursor: str | None = None, size: int = 20) -> Page[TicketView]:
    """What somebody sent while signed in, their 举报 too; newest first."""
    party_id = by.acting_for
    if party_id is None:
        return Page()
    own = Q(party=party_id) | Q(informant_index=_intake.informant(party_id))
    return keyset(Ticket.objects.filter(own).select_related("case"), order=("-id",), cursor=cursor, size=size).map(
        as_view
    )


def is_callers(row: Ticket, by: Actor, phone_tail: str = "") -> bool:
    """Whether somebody is who sent the ticket: signed in as they were, or knowing the end of the telephone left with it."""
    party_id = by.acting_for
    if party_id is not None and (row.party_id == party_id or row.informant_index == _intake.informant(party_id)):
        return True
    phone = _intake.phone_of(str((row.caller or {}).get("phone", "")))
    return len(phone_tail) == TAIL and phone.endswith(phone_tail)


def standing(number: str, by: Actor, phone_tail: str = "") -> Standing:
    """Where one's own ticket stands. Raises NotYourTicket alike for a wrong number and a wrong telephone."""
    wanted = number.strip().upper()
    found = Q(number=wanted) | Q(case__query_code=wanted)
    row = Ticket.objects.select_related("case").filter(found).first() if wanted else None
    if row is None or not is_callers(row, by, phone_tail.strip()):
        raise NotYourTicket("编号和电话对不上。", hint="请核对编号和留的电话的后四位；没有留电话的，请登录后看。")
    case = cases.peek(row.case_id)
    ticket = as_view(row)
    tasks = case.steps_open
    unit = orgs.get(row.lead_org_id).name if row.lead_org_id else ""
    return Standing(
        ticket=ticket,
        step=tasks[0].name if tasks else "",
        waits_for=tasks[0].words if tasks else "",
        unit=unit,
        outcome_name=case.outcome_name,
        may_rate=any(task.step == "callback" for task in tasks),
    )


def panel(case: CaseView, by: Actor, *, at: datetime) -> Panel | None:
    """What the desk shows beside the case of a ticket, or of a 协办; None for any other case. `by` may see the case."""
    if case.kind == HELP:
        assist = Assist.objects.select_related("ticket__case").filter(case=case.id).first()
        row, asked = (assist.ticket, assist.words) if assist else (None, "")
    else:
        row, asked = Ticket.objects.select_related("case").filter(case=case.id).first(), ""
    if row is None:
        return None
    ticket = as_view(row)
    at_desk = any(task.step in {"desk", "returned", "ruling"} for task in case.steps_open)
    lead = row.lead_org_id
    open_ones = Screening.objects.select_related("ticket").filter(ticket=row).order_by("-id").first()
    return Panel(
        ticket=ticket,
        unit=orgs.get(lead).name if lead else "",
        region=orgs.full_name(row.region_code),
        calls=tuple(calls(row.pk)),
        assists=tuple(_assists(row)),
        screening=screening_view(open_ones) if open_ones else None,
        alike=tuple(one for one in alike(text=row.content, at=at) if one.number != row.number) if at_desk else (),
        photos=tuple((one.file_id, one.title) for one in cases.attachments(row.case_id, role="photo")),
        suggestions=tuple(suggest(text=row.content, region_code=row.region_code)) if at_desk else (),
        is_unit=lead is not None and access.may(by, "cases.act", lead),
        may_see_caller=not row.is_confidential and case.kind != HELP,
        may_reveal=row.is_confidential and access.may(by, "hotline.informant", row.org_id),
        done_beside=("dispatch",) if at_desk and access.may(by, "hotline.take", row.org_id) else (),
        topics=tuple((node.code, _policy.tree().line(node.code)) for node in _policy.tree().leaves())
        if at_desk
        else (),
        units=tuple(_units()),
        exclusions=tuple((one.code, one.name.zh) for one in _policy.policy().exclusions),
        helps=row.number if case.kind == HELP else "",
        asked=asked,
    )


def _units() -> list[tuple[int, str]]:
    """The units that the catalogue names, and local governments; one query."""
    known, otherwise = _policy.entries()
    kinds = {entry.unit for entry in known.values()} | ({otherwise} if otherwise else set())
    return [(org.id, org.name) for org in orgs.of_kinds(kinds)]


def _assists(row: Ticket) -> list[AssistView]:
    rows = list(Assist.objects.filter(ticket=row).select_related("case").order_by("id"))
    names = orgs.named(one.org_id for one in rows)
    return [
        AssistView(one.case.number, names[one.org_id].name, one.words, one.case.status == CaseStatus.OPEN)
        for one in rows
    ]
