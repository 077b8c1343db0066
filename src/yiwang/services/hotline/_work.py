"""What staff and callers do to a ticket after it was taken: most of it is a choice of its flow, put in words here."""

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from yiwang.kernel.access import queries as access
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import SYSTEM, Actor, ActorKind, Place
from yiwang.kernel.cases import actions as engine
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import CaseView
from yiwang.kernel.ledger import actions as ledger
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.people import queries as people
from yiwang.services.hotline import _policy, queries
from yiwang.services.hotline.contracts import (
    HELP,
    BadTicket,
    Caller,
    CannotDo,
    NoSuchTicket,
    NotForThisPost,
    NotYourTicket,
    ScreeningView,
    TicketView,
    Urgency,
)
from yiwang.services.hotline.kinds import NotAccepted
from yiwang.services.hotline.models import Assist, Screening, Ticket

LEAD, INFORMANT, ACT = "hotline.lead", "hotline.informant", "cases.act"
HELPERS_MAX, WORDS_MAX = 9, 2000


@transaction.atomic
def dispatch(
    *,
    number: str,
    org_id: int | None,
    category: str = "",
    urgency: Urgency | None = None,
    words: str = "",
    by: Actor,
    at: datetime,
) -> CaseView:
    """派单 from the desk or after a return; without a unit to whom the catalogue names. Raises CannotAdvance, BadTicket, CannotDo."""
    row = _row(number)
    form = {"org_id": str(org_id or ""), "category": category, "urgency": urgency.value if urgency else ""}
    step, choice = ("returned", "redispatch") if _stands_at(row, "returned") else ("desk", "dispatch")
    return engine.advance(case_id=row.case_id, step=step, choice=choice, form=form, grounds=words, by=by, at=at)


@transaction.atomic
def answer_at_once(*, number: str, answer: str, by: Actor, at: datetime) -> CaseView:
    """当场答复: closes the ticket with the answer. Raises CannotAdvance, GroundsMissing."""
    return engine.advance(case_id=_row(number).case_id, step="desk", choice="answer", grounds=answer, by=by, at=at)


@transaction.atomic
def decline(*, number: str, reason: str, words: str = "", by: Actor, at: datetime) -> CaseView:
    """不予受理, by one of the place's reasons; the caller reads why and where to go. Raises BadTicket, CannotAdvance."""
    known = {one.code: one for one in _policy.policy().not_accepted}
    if reason not in known:
        raise BadTicket("没有这个不予受理的理由。", places=[Place("reason", "请从列表里选。")])
    said = f"{refusal(known[reason])}{words.strip()}"
    return engine.advance(case_id=_row(number).case_id, step="desk", choice="decline", grounds=said, by=by, at=at)


def refusal(reason: NotAccepted) -> str:
    """What the caller reads: why, on which basis, and where to go."""
    basis = f"（{reason.basis}）" if reason.basis else ""
    return f"{reason.name.zh}{basis}，热线不予受理。{reason.where.zh}"


@transaction.atomic
def contact(*, number: str, words: str, by: Actor, at: datetime) -> TicketView:
    """首次联系: the unit has reached the caller; what counts for 响应率. A second time changes nothing.

    Raises NoSuchTicket, NotForThisPost, CannotDo unless it is in the unit's hands, TextMissing.
    """
    row = _locked(number)
    _require_lead_unit(row, by)
    if not row.case.closed_at and not (_stands_at(row, "sign") or _stands_at(row, "handle")):
        raise CannotDo("现在不在承办单位手里。", hint="请刷新后再看。")
    engine.note(case_id=row.case_id, text=f"已联系来电人：{words.strip()}", is_visible=True, by=by, at=at)
    if row.responded_at is None:
        row.responded_at = at
        row.save(update_fields=["responded_at"])
        audit.record("hotline.caller.contacted", target=f"case:{row.number}", by=by, at=at)
    return queries.view(row.number)


@transaction.atomic
def ask_help(*, number: str, org_ids: Sequence[int], words: str, by: Actor, at: datetime) -> tuple[CaseView, ...]:
    """请协办: a sub-case at each unit; the unit that leads cannot close before they have answered.

    Raises NotForThisPost, BadTicket, CannotDo unless it is being handled.
    """
    row, wanted = _locked(number), list(dict.fromkeys(org_ids))
    _require_lead_unit(row, by)
    if not _stands_at(row, "handle"):
        raise CannotDo("办理中的工单才能请协办。", hint="请先签收。")
    if not 0 < len(wanted) <= HELPERS_MAX or row.lead_org_id in wanted or len(orgs.named(wanted)) < len(wanted):
        raise BadTicket("协办单位选得不对。", places=[Place("helpers", f"请选1至{HELPERS_MAX}个别的单位。")])
    if not words.strip():
        raise BadTicket("请写要协办什么。", places=[Place("words", "请写要协办单位做什么。")])
    made = [_help(row, org_id, words.strip()[:WORDS_MAX], by=by, at=at) for org_id in wanted]
    detail = {"orgs": wanted}
    audit.record("hotline.help.asked", target=f"case:{row.number}", by=by, at=at, detail=detail)
    return tuple(made)


@transaction.atomic
def ask_screening(*, number: str, reason: str, words: str, by: Actor, at: datetime) -> ScreeningView:
    """申请甄别: that a ticket be left out of the unit's figures, for one of the place's reasons.

    Raises NotForThisPost, BadTicket, CannotDo when one is open or it is left out already.
    """
    row = _locked(number)
    _require_lead_unit(row, by)
    if reason not in {one.code for one in _policy.policy().exclusions}:
        raise BadTicket("没有这个剔除理由。", places=[Place("reason", "请从列表里选。")])
    if not words.strip():
        raise BadTicket("请写明事实和证据。", places=[Place("words", "请写明事实和证据。")])
    if row.excluded:
        raise CannotDo("这件工单已经不计入考核。", hint="不用再申请。")
    asked = Screening(
        ticket=row, reason=reason, words=words.strip()[:WORDS_MAX], asked_by_id=by.account_id, asked_at=at
    )
    try:
        with transaction.atomic():
            asked.save(force_insert=True)
    except IntegrityError as twice:
        raise CannotDo("已经申请过，正在等决定。", hint="请等热线值班长决定。") from twice
    audit.record("hotline.screening.asked", target=f"case:{row.number}", by=by, at=at, detail={"reason": reason})
    return queries.screening(asked.pk)


@transaction.atomic
def decide_screening(*, screening_id: int, agreed: bool, words: str, by: Actor, at: datetime) -> ScreeningView:
    """决定甄别, by another person than asked. Raises NotPermitted, NoSuchTicket, NotForThisPost, CannotDo, BadTicket."""
    asked = Screening.objects.select_for_update(of=("self",)).select_related("ticket").filter(pk=screening_id).first()
    if asked is None:
        raise NoSuchTicket("没有这个甄别申请。", hint="请刷新后再看。")
    access.require(by, LEAD, at_org=asked.ticket.org_id)
    if asked.asked_by_id == by.account_id:
        raise NotForThisPost("自己申请的甄别不能自己决定。", hint="请由另一位值班长决定。")
    if asked.decided_at is not None:
        raise CannotDo("这个申请已经决定。", hint="请刷新后再看。")
    if not words.strip():
        raise BadTicket("请写明决定的理由。", places=[Place("words", "请写明理由。")])
    asked.is_agreed, asked.decision, asked.decided_at = agreed, words.strip()[:WORDS_MAX], at
    asked.decided_by_id = by.account_id
    asked.save(update_fields=["is_agreed", "decision", "decided_at", "decided_by_id"])
    if agreed:
        Ticket.objects.filter(pk=asked.ticket_id).update(excluded=asked.reason)
    content = {"reason": asked.reason, "agreed": agreed}
    subject = f"case:{asked.ticket.number}"
    ledger.append(kind="hotline.screened", subject=subject, content=content, by=by, at=at)
    audit.record("hotline.screening.decided", target=subject, by=by, at=at, detail=content)
    return queries.screening(asked.pk)


@transaction.atomic
def show_caller(*, number: str, by: Actor, at: datetime) -> Caller:
    """Name and number of who says to have called, for who handles the ticket; it is written down.

    Raises NoSuchTicket, NotYourCase, NotForThisPost for a 举报 and for whoever only watches.
    """
    row = _row(number)
    case = cases.get(row.case_id, by)
    if row.is_confidential:
        raise NotForThisPost("举报人的身份保密。", hint="确需核实的，请联系举报保密员。")
    if not any(access.may(by, ACT, org_id) for org_id in {row.org_id, row.lead_org_id} if org_id):
        raise NotForThisPost("您不办理这件工单。", hint="请由承办单位联系来电人。")
    _shown(row, case, "办理热线诉求", by=by, at=at)
    caller = Caller(**row.caller)
    return Caller(name=caller.name, phone=caller.phone, party_id=caller.party_id)


@transaction.atomic
def reveal(*, number: str, purpose: str, by: Actor, at: datetime) -> Caller:
    """Who sent a 举报, for the holder of the one post, with a purpose; each time is written down and proved.

    Raises NoSuchTicket, NotPermitted, BadTicket without a purpose.
    """
    row = _row(number)
    access.require(by, INFORMANT, at_org=row.org_id)
    if not purpose.strip():
        raise BadTicket("请写明查看举报人的用途。", places=[Place("purpose", "请写明用途。")])
    case = cases.peek(row.case_id)
    _shown(row, case, purpose.strip()[:200], by=by, at=at)
    ledger.append(kind="hotline.revealed", subject=f"case:{row.number}", content={"purpose": purpose}, by=by, at=at)
    return Caller(**row.caller)


@transaction.atomic
def rate(
    *, number: str, phone_tail: str = "", solved: bool, satisfaction: int, words: str = "", by: Actor, at: datetime
) -> TicketView:
    """The caller answers instead of being called: who signed in as they did, or knows number and telephone.

    Solved closes it; not solved has it done again, or, after that, supervised. Raises NotYourTicket, CannotDo, BadTicket.
    """
    row = _locked(number)
    if not queries.is_callers(row, by, phone_tail):
        raise NotYourTicket("编号和电话对不上。", hint="请核对编号和留的电话的后四位。")
    if not _stands_at(row, "callback"):
        raise CannotDo("现在还不到评价的时候。", hint="承办单位办结后再评价。")
    if not solved and not words.strip():
        raise BadTicket("请写哪里没有解决。", places=[Place("words", "请写一句哪里没有解决。")])
    choice = "solved" if solved else "supervise" if row.redone else "unsolved"
    form = {"satisfaction": str(satisfaction)}
    engine.advance(
        case_id=row.case_id, step="callback", choice=choice, form=form, grounds=words.strip()[:500], by=SYSTEM, at=at
    )
    audit.record("hotline.ticket.rated", target=f"case:{row.number}", by=SYSTEM, at=at)
    return queries.view(row.number)


def _help(row: Ticket, org_id: int, words: str, *, by: Actor, at: datetime) -> CaseView:
    case = engine.open_case(
        kind=HELP,
        flow=_policy.policy().help_flow,
        title=f"协办：{row.case.title}"[:200],
        org_id=org_id,
        region_code=row.region_code,
        applicant_id=None,
        subject="",
        data={"ticket": row.number, "words": words},
        limits={},
        by=by,
        at=at,
        family_of=row.case_id,
        slot=f"help-{Assist.objects.filter(ticket=row).count() + 1}",
    )
    Assist.objects.create(ticket=row, case_id=case.id, org_id=org_id, words=words, asked_at=at)
    return case


def _shown(row: Ticket, case: CaseView, purpose: str, *, by: Actor, at: datetime) -> None:
    audit.record("hotline.caller.shown", target=f"case:{row.number}", by=by, at=at, detail={"purpose": purpose})
    party_id = (row.caller or {}).get("party_id")
    if party_id and not row.is_confidential:
        audit.disclose(
            subject_key=people.party(party_id).subject_key,
            elements=["person.name", "person.phone"],
            purpose=purpose,
            authority=case.title,
            case_number=case.number,
            by=by,
            at=at,
        )


def _row(number: str) -> Ticket:
    row = Ticket.objects.select_related("case").filter(number=number.strip()).first()
    if row is None:
        raise NoSuchTicket("没有这件工单。", hint="请核对编号。")
    return row


def _locked(number: str) -> Ticket:
    row = Ticket.objects.select_for_update(of=("self",)).select_related("case").filter(number=number.strip()).first()
    return row if row is not None else _row(number)


def _stands_at(row: Ticket, step: str) -> bool:
    return any(task.step == step for task in cases.peek(row.case_id).steps_open)


def _require_lead_unit(row: Ticket, by: Actor) -> None:
    """Raises NotForThisPost."""
    if by.kind is ActorKind.SYSTEM:
        return
    if row.lead_org_id is None or not access.may(by, ACT, row.lead_org_id):
        raise NotForThisPost("只有承办单位可以这样做。", hint="请由承办单位的联络员办理。")
