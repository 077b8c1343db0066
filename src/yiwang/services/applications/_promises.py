"""告知承诺: who may promise in whose words, the documents of a promise, the case that checks it, and what follows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Max

from yiwang.kernel.base.contracts import SYSTEM, Actor, NotFound
from yiwang.kernel.base.rows import fetch
from yiwang.kernel.cases import actions as engine
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import CaseView, EffectContext
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.orgs.contracts import OrgView
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.people import queries as people
from yiwang.kernel.people.contracts import PartyView
from yiwang.kernel.workdays import queries as workdays
from yiwang.kernel.workdays.contracts import Limit
from yiwang.services.applications import _documents
from yiwang.services.applications._documents import Draft, Notice, day
from yiwang.services.applications.contracts import (
    PROMISE_CHECK,
    Basics,
    CannotCheckPromise,
    CannotIssue,
    CannotPromise,
    DocumentView,
    Found,
    MaterialStatus,
    NothingPromised,
    PromiseOffer,
    PromiseTerms,
    PromiseView,
    Wanted,
)
from yiwang.services.applications.kinds import PROMISES, PromisePolicy
from yiwang.services.applications.models import FiledMaterial, Promise
from yiwang.services.matters import queries as matters

_ANY = (
    "SELECT 1 FROM applications_promise p JOIN applications_filedmaterial m ON m.id = p.material_id "
    "WHERE m.case_id = %s LIMIT 1"
)
NOTICE, DECLARATION = "promise-notice", "promise"
CLOCK = "check"
RELATED = ("material__case", "notice", "declaration", "check_case")


@dataclass(frozen=True, slots=True)
class Words:
    """告知书 and 承诺书 for one material and one applicant, and how long the check may take."""

    org: OrgView
    notice: Draft
    declaration: Draft
    check_within: Limit

    @property
    def terms(self) -> PromiseTerms:
        return PromiseTerms(
            notice_title=self.notice.title,
            notice=tuple(self.notice.body["paragraphs"]),
            promise_title=self.declaration.title,
            promise=tuple(self.declaration.body["paragraphs"]),
            check_within=self.check_within,
        )


def policy() -> PromisePolicy:
    """The policy in force."""
    return packs.all_of(PROMISES)[0].as_type(PromisePolicy)


def barred_until(party_id: int, *, on: date) -> date | None:
    """Until when somebody may not promise, for an earlier promise that was broken; None if they may."""
    broken = Promise.objects.filter(party=party_id, found=Found.BROKEN, barred_until__gt=on)
    last: date | None = broken.aggregate(last=Max("barred_until"))["last"]
    return last


def words(
    wanted: Wanted, party: PartyView, *, region_code: str, at: datetime, case: CaseView | None = None
) -> Words | None:
    """How a promise in place of a material reads; None where the packs have no words or nobody carries the matter out."""
    title, matter_type, org = _asker(wanted, region_code, at, case)
    if org is None or not wanted.may_promise:
        return None
    rules = policy()
    check_within = Limit.parse(wanted.check_within) if wanted.check_within else rules.check_within
    facts = {
        "applicant": party.name,
        "matter": title,
        "org": org.name,
        "phone": org.phone,
        "supervision_phone": org.supervision_phone,
        "material": wanted.name,
        "proves": wanted.proves,
        "proof_basis": wanted.proof_basis,
        "check_within": str(check_within),
        "barred_for": str(rules.barred_for),
        "day": day(at),
        "promised_on": day(at),
    }
    notice = _documents.worded(NOTICE, matter_type, org, facts)
    declaration = _documents.worded(DECLARATION, matter_type, org, facts)
    return Words(org, notice, declaration, check_within) if notice and declaration else None


def offered(wanted: Iterable[Wanted], offer: PromiseOffer) -> dict[str, PromiseTerms]:
    """The terms of each promise that may be made, by material."""
    able = [item for item in wanted if item.may_promise]
    party = people.party(offer.party_id) if able else None
    said = {item.key: words(item, party, region_code=offer.region_code, at=offer.at) for item in able if party}
    return {key: found.terms for key, found in said.items() if found is not None}


def views(rows: Sequence[FiledMaterial], *, at: datetime | None = None) -> dict[int, PromiseView]:
    """The promises that stand or stood for these materials, by material; nothing is asked where none may be promised."""
    able = [row.pk for row in rows if row.may_promise]
    found = Promise.objects.filter(material__in=able).select_related(*RELATED) if able else ()
    return {promise.material_id: view(promise, at=at) for promise in found}


def view(promise: Promise, *, at: datetime | None = None) -> PromiseView:
    """A promise with its `RELATED` rows; one query more while its check runs."""
    check = promise.check_case
    running = cases.peek(check.pk, at=at).clocks if check is not None and not promise.found else ()
    clock = next((each for each in running if each.name == CLOCK), None)
    return PromiseView(
        id=promise.pk,
        case_id=promise.material.case_id,
        case_number=promise.material.case.number,
        key=promise.material.key,
        name=promise.material.name,
        proves=promise.proves,
        proof_basis=promise.proof_basis,
        promised_at=promise.promised_at,
        check_within=str(Limit.parse(promise.check_within)),
        notice_id=promise.notice_id,
        notice_no=promise.notice.document_no if promise.notice else "",
        promise_id=promise.declaration_id,
        promise_no=promise.declaration.document_no if promise.declaration else "",
        check_number=check.number if check else "",
        due_at=clock.due_at if clock else None,
        lamp=clock.lamp.value if clock else "",
        found=Found(promise.found) if promise.found else None,
        found_at=promise.found_at,
        found_words=promise.found_words or "",
        barred_until=promise.barred_until,
    )


def make(row: FiledMaterial, wanted: Wanted, case: CaseView, *, by: Actor, at: datetime) -> Promise:
    """Keep a promise with the words that were read. Raises CannotPromise."""
    assert case.applicant_id is not None
    if barred_until(case.applicant_id, on=workdays.legal_day(at)):
        raise CannotPromise("您此前的承诺经核查不实，暂不适用告知承诺制。", hint="请提供证明材料。")
    said = words(wanted, people.party(case.applicant_id), region_code=case.region_code, at=at, case=case)
    if said is None:
        raise CannotPromise(f"“{wanted.name}”不能用承诺代替。", hint="请提供证明材料。")
    return Promise.objects.create(
        material=row,
        party_id=case.applicant_id,
        org_id=said.org.id,
        promised_by=by.account_id,
        promised_at=at,
        proves=wanted.proves,
        proof_basis=wanted.proof_basis,
        check_within=said.check_within.text,
        words={NOTICE: said.notice.stored(), DECLARATION: said.declaration.stored()},
    )


def notices(rows: Iterable[FiledMaterial]) -> list[Notice]:
    """The documents of promises that stand for these materials and are not issued yet."""
    standing = [row.pk for row in rows if row.status == MaterialStatus.PROMISED]
    made = Promise.objects.filter(material__in=standing, notice=None).order_by("id") if standing else ()
    return [
        Notice(event, made=_documents.restored(promise.words[event]), promise_id=promise.pk)
        for promise in made
        for event in (NOTICE, DECLARATION)
    ]


def note_issued(notice: Notice, document: DocumentView) -> None:
    """Tie a promise to its document."""
    promises = Promise.objects.filter(pk=notice.promise_id or 0)
    if notice.event == NOTICE:
        promises.update(notice=document.id)
    else:
        promises.update(declaration=document.id)


def rest_on(case: CaseView) -> list[Promise]:
    """The promises on which the matter of a case rests."""
    # Hardly any case has one: that is asked before the rest is read.
    if not fetch(_ANY, [case.root_id]):
        return []
    matter_id = Basics.from_data(cases.data(case.id)).matter_id
    found = Promise.objects.filter(material__case=case.root_id).select_related("material").order_by("id")
    return [each for each in found if not each.material.matters or matter_id in each.material.matters]


def require_unbroken(promises: Sequence[Promise]) -> None:
    """Raises CannotIssue where a promise was broken and no paper has come in its place."""
    if any(each.found == Found.BROKEN and each.material.status == MaterialStatus.FAULTY for each in promises):
        raise CannotIssue("所依据的承诺经核查不实，不能出具结果。", hint="请终止办理，或等申请人补交证明材料。")


def open_checks(context: EffectContext, promises: Sequence[Promise]) -> None:
    """Once the matter has its result: a case for each promise that still stands, at whoever carried the matter out."""
    for promise in promises:
        if promise.check_case_id is None and promise.material.status == MaterialStatus.PROMISED:
            promise.check_case_id = _open_check(context, promise).id
            promise.save(update_fields=["check_case"])


def of_check(check: CaseView, *, lock: bool = False) -> Promise:
    """The promise that a case checks. Raises NothingPromised."""
    rows = Promise.objects.select_related("material", "declaration").filter(check_case=check.id)
    promise = (rows.select_for_update(of=("self", "material")) if lock else rows).first()
    if promise is None:
        raise NothingPromised("这个办件不是承诺核查。", hint="请从待办列表打开承诺核查。")
    return promise


def running_check(case: CaseView, key: str) -> int:
    """The running check of the promise for a material of a case. Raises NothingPromised, CannotCheckPromise."""
    promise = Promise.objects.filter(material__case=case.root_id, material__key=key).first()
    if promise is None:
        raise NothingPromised("这份材料没有承诺。", hint="请刷新页面后再试。")
    if promise.check_case_id is None:
        raise CannotCheckPromise("事项还没有办出结果，现在不用核查承诺。", hint="办出结果后会转入承诺核查。")
    if promise.found:
        raise CannotCheckPromise("这项承诺已经核查完毕。", hint="请查看核查结果。")
    return promise.check_case_id


def resting(promise: Promise) -> list[CaseView]:
    """The cases of the family whose matter rests on the promise."""
    family = cases.family(promise.material.case_id)
    members = [family.root, *(slot.case for slot in family.slots if slot.case)]
    wanted = set(promise.material.matters)
    return [case for case in members if not wanted or Basics.from_data(cases.data(case.id)).matter_id in wanted]


def _open_check(context: EffectContext, promise: Promise) -> CaseView:
    case = context.case
    return engine.open_case(
        kind=PROMISE_CHECK,
        flow=policy().flow,
        title=f"承诺核查：{case.title}",
        org_id=case.org_id,
        region_code=case.region_code,
        applicant_id=promise.party_id,
        subject=people.party(promise.party_id).name,
        data={"promise": promise.pk, "case": case.number, "material": promise.material.key},
        limits={CLOCK: Limit.parse(promise.check_within)},
        by=SYSTEM,
        at=context.at,
    )


def _asker(wanted: Wanted, region_code: str, at: datetime, case: CaseView | None) -> tuple[str, str, OrgView | None]:
    """What the matter is called, its type, and the organisation that asks for the proof there."""
    try:
        found = matters.implementations(wanted.matters, on=workdays.legal_day(at), region_code=region_code)
    except NotFound:
        found = {}
    for matter_id in wanted.matters:
        here = found.get(matter_id)
        if here is not None and here.org_id is not None:
            return here.name, here.type.value if here.type else "", orgs.get(here.org_id)
    return (case.title, "", orgs.get(case.org_id)) if case else ("", "", None)
