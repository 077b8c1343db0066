"""Objection and repair as cases: who answers, in what time, and what an answer does to the record."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from yiwang.data.registries import queries as registries
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base import events
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.cases import actions as cases
from yiwang.kernel.cases.contracts import CaseView, EffectContext
from yiwang.kernel.forms import queries as forms
from yiwang.kernel.ledger import actions as ledger
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.orgs.contracts import OrgView
from yiwang.kernel.people import queries as people
from yiwang.kernel.people.contracts import PartyKind, PartyView
from yiwang.kernel.workdays.contracts import Limit
from yiwang.support.credit import _records, kinds
from yiwang.support.credit.contracts import (
    CHANGED,
    OBJECTION_KIND,
    REPAIR_KIND,
    AlreadyAsked,
    BadRecords,
    CannotRepair,
    NotAFirm,
    RecordKind,
    Standing,
)
from yiwang.support.credit.kinds import RequestPart
from yiwang.support.credit.models import CreditRecord

WORDS_MAX = 2000


def firm_of(by: Actor) -> PartyView:
    """The firm that somebody acts for. Raises NotAFirm."""
    party = people.party(by.acting_for) if by.acting_for else None
    if party is None or party.kind is not PartyKind.FIRM:
        raise NotAFirm("公共信用记录只有企业和其他组织有。", hint="企业经办人请先切换到所代办的企业。")
    return party


def object_to(record_id: int, words: str, by: Actor, *, at: datetime) -> CaseView:
    """See actions.object_to."""
    firm = firm_of(by)
    row = _free(record_id, firm)
    return _opened(row, firm, OBJECTION_KIND, kinds.policy().objection, _said(words), by, at)


def ask_repair(record_id: int, words: str, has_promised: bool, by: Actor, *, at: datetime) -> CaseView:
    """See actions.ask_repair."""
    firm = firm_of(by)
    row, today = _free(record_id, firm), timezone.localdate(at)
    if not RecordKind(row.kind).is_bad or _records.standing(row, today) is not Standing.PUBLIC:
        raise CannotRepair("这条记录不用修复。", hint="只有公示中的失信记录可以申请修复。")
    if row.repair_from is not None and today < row.repair_from:
        raise CannotRepair(f"还没有满最短公示期，{row.repair_from.isoformat()}起可以申请。", hint=f"依据：{row.rule}。")
    if not has_promised:
        raise CannotRepair("没有作出信用承诺。", hint="请先确认已履行义务，并勾选承诺。")
    return _opened(row, firm, REPAIR_KIND, kinds.policy().repair, _said(words), by, at)


def withdraw(context: EffectContext) -> None:
    """The effect `credit.withdraw`: the objection is right, the record goes."""
    _settle(context, "withdrawn_on", "credit.record.withdrawn")


def repair(context: EffectContext) -> None:
    """The effect `credit.repair`: conditions are met, publication stops."""
    _settle(context, "repaired_on", "credit.record.repaired")


def keep(context: EffectContext) -> None:
    """The effect `credit.keep`: the record stays as it is."""
    CreditRecord.objects.filter(case_id=context.case.id).update(case_id=None)
    audit.record("credit.record.kept", target=f"case:{context.case.id}", by=context.by, at=context.at)


def case_closed(*, payload: dict[str, Any], at: datetime) -> None:
    """Withdrawn or terminated without an answer: the record is free again."""
    if payload["kind"] not in (OBJECTION_KIND, REPAIR_KIND):
        return
    CreditRecord.objects.filter(case_id=payload["case_id"]).update(case_id=None)


def _free(record_id: int, firm: PartyView) -> CreditRecord:
    row = _records.row(record_id, firm.id_number)
    if row.case_id is not None:
        raise AlreadyAsked("对这条记录的申请正在办理。", hint="请等待答复，进度在“我的办件”。")
    return row


def _opened(
    row: CreditRecord, firm: PartyView, kind: str, part: RequestPart, words: str, by: Actor, at: datetime
) -> CaseView:
    """谁认定谁修复: at the authority that made the record, else at the unit that keeps the credit system."""
    unit = orgs.get(row.org_id) if row.org_id else _keeper(firm)
    form = forms.get(part.form)
    answers = {"item": row.title, "document_no": row.document_no, "authority": row.authority, "words": words}
    case = cases.open_case(
        kind=kind,
        flow=part.flow,
        title="公共信用记录异议" if kind == OBJECTION_KIND else "公共信用修复",
        org_id=unit.id,
        region_code=unit.region_code,
        applicant_id=firm.id,
        subject=firm.name,
        data={
            "form": {"id": form.id, "hash": form.hash},
            "answers": {name: value for name, value in answers.items() if value},
            "credit": {"record": row.pk},
        },
        limits={"answer": Limit.parse(part.own if row.org_id else part.other)},
        by=by,
        at=at,
    )
    row.case_id = case.id
    row.save(update_fields=["case_id"])
    audit.record("credit.request.opened", target=f"credit-record:{row.pk}", by=by, at=at, detail={"kind": kind})
    return case


def _keeper(firm: PartyView) -> OrgView:
    found = registries.find_legal_person(firm.id_number)
    unit = kinds.policy().unit
    return orgs.handling(unit, found.region_code) if found else orgs.of_kind(unit)[0]


def _settle(context: EffectContext, column: str, event: str) -> None:
    row = CreditRecord.objects.select_for_update().filter(case_id=context.case.id).first()
    if row is None:
        return
    setattr(row, column, timezone.localdate(context.at))
    row.case_id = None
    row.save(update_fields=[column, "case_id"])
    content = {"record": row.pk, "digest": row.digest, "case": context.case.number}
    ledger.append(kind=event, subject=f"credit-record:{row.pk}", content=content, by=context.by, at=context.at)
    audit.record(event, target=f"credit-record:{row.pk}", by=context.by, at=context.at, detail=content)
    events.publish(CHANGED, {"records": [row.pk]}, at=context.at)


def _said(words: str) -> str:
    said = words.strip()
    if not said or len(said) > WORDS_MAX:
        raise BadRecords("没有写理由。", hint=f"请写明理由（{WORDS_MAX}字以内）。")
    return said
