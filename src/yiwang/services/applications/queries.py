"""Reading applications: how one stands, its materials and documents, and what somebody keeps for next time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db.models import F, QuerySet

from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.paging import Page, keyset
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import CaseView, ChoiceView, FamilyView
from yiwang.kernel.orgs import queries as orgs
from yiwang.services.applications import _documents, _materials, _notices, _promises, _receipts, _sending
from yiwang.services.applications._tracking import tracking_key
from yiwang.services.applications.contracts import (
    Basics,
    CannotTrack,
    DocumentView,
    KeptMaterial,
    MaterialRow,
    MaterialsMissing,
    MaterialView,
    NoSuchDocument,
    NoSuchMaterial,
    PromiseOffer,
    PromiseView,
    Receipt,
    Sent,
    Wanted,
    receipt_source,
)
from yiwang.services.applications.models import Document, Filing, KeptFile, Promise
from yiwang.services.matters import queries as matters
from yiwang.services.matters.contracts import ImplementationView, Material

SEE = "cases.view"


def materials(case: CaseView) -> list[MaterialView]:
    """The materials a case needs; of a root with several matters, all."""
    basics = Basics.from_data(cases.data(case.id))
    rows = _materials.rows_of(case, basics.matter_id)
    return _materials.views(rows, _promises.views(rows))


def material_file(case: CaseView, key: str) -> MaterialView | None:
    """One material of a case the caller may see."""
    return next((item for item in materials(case) if item.key == key), None)


def documents(family_root_id: int) -> list[DocumentView]:
    """All documents of a family of cases, oldest first; two queries."""
    rows = list(Document.objects.filter(case__in=_family_ids(family_root_id)).order_by("issued_at", "id"))
    named = orgs.named(row.org_id for row in rows)
    return [_documents.view(row, named[row.org_id]) for row in rows]


def document(document_id: int, by: Actor) -> DocumentView:
    """One document, for whoever may see its case. Raises NoSuchDocument, NotYourCase."""
    row = Document.objects.filter(pk=document_id).first()
    if row is None:
        raise NoSuchDocument("没有这份文书。", hint="请从办件进度页打开。")
    if not cases.may_see(row.case_id, by):
        _require_family(row.case_id, by)
    return _documents.view(row, orgs.get(row.org_id))


def makes_documents(choice: ChoiceView) -> bool:
    """Whether taking a choice tells the applicant something in writing."""
    return any(effect in _notices.TELLS for effect in choice.effects)


def preview(*, case_id: int, step: str, choice: str, grounds: str = "", by: Actor, at: datetime) -> list[DocumentView]:
    """The documents that a choice would issue, as they will read; no number is drawn and nothing written.

    Raises NotYourStep and the like for whoever may not take the choice, MaterialsLacking as taking it would.
    """
    foreseen = cases.foresee(case_id=case_id, step=step, choice=choice, grounds=grounds.strip(), by=by, at=at)
    drafts = [
        _documents.preview(effect.context.case, notice, at=at)
        for effect in foreseen
        if effect.name in _notices.TELLS
        for notice in _notices.TELLS[effect.name](effect.context)
    ]
    return [draft for draft in drafts if draft is not None]


def promise_of_check(case: CaseView, *, at: datetime | None = None) -> PromiseView:
    """The promise that a case of kind `promise-check` is about. Raises NothingPromised."""
    view = _promises.view(_promises.of_check(case), at=at)
    # The case whose result opened the check: who checks may see it, where they may not see the whole family.
    return replace(view, case_number=str(cases.data(case.id)["case"]))


def count_promises(by: Actor, *, most: int = 100) -> int:
    """How many promises wait to be checked where `by` may see cases, counted up to `most`; one query."""
    waiting = Promise.objects.filter(found="", check_case__isnull=False)
    return access.visible(by, waiting, SEE)[:most].count()


def tracked(number: str, phone_tail: str) -> FamilyView:
    """A family of cases for who knows its number and the last four digits of the phone. Raises CannotTrack.

    The same answer for a wrong number and a wrong tail: neither can be guessed apart.
    """
    key = tracking_key(number.strip(), phone_tail.strip())
    filing = Filing.objects.filter(case__number=number.strip(), phone_key=key).first()
    if filing is None or len(phone_tail.strip()) != 4:
        raise CannotTrack("没有查到这个办件。", hint="请核对办件编号和申报时所留手机号的后四位。")
    return cases.family(filing.case_id)


def kept(party_id: int, *, cursor: str | None = None, size: int = 20) -> Page[KeptMaterial]:
    """Somebody's materials centre, the last used first."""
    page = keyset(_kept().filter(party=party_id), order=("-last_used_at", "-id"), cursor=cursor, size=size)
    return page.map(_kept_view)


def kept_one(kept_id: int, by: Actor) -> KeptMaterial:
    """One file of the actor's own centre. Raises NoSuchMaterial."""
    row = _kept().filter(pk=kept_id, party=by.acting_for).first()
    if row is None:
        raise NoSuchMaterial("材料中心没有这份材料。", hint="请刷新页面。")
    return _kept_view(row)


def places(matter_id: str, *, on: date) -> list[ImplementationView]:
    """Where one matter can be applied for online by itself, by region; nothing for what is not a matter's id."""
    found = matters.carried_out(matter_id, on=on)
    return [each for each in found if each.may_apply_online and each.stands_alone]


def sent(form_id: str, key: str, by: Actor) -> Sent:
    """The files that the actor chose so far for a filing that is not made yet."""
    return _sending.load(form_id, key, by)


def material_rows(
    wanted: Iterable[Wanted],
    held: Mapping[str, str],
    sent: Sent,
    kept: Sequence[KeptMaterial] = (),
    offer: PromiseOffer | None = None,
) -> list[MaterialRow]:
    """The materials before filing; `held` is what `actions.check_held` found, `kept` the applicant's centre.

    With `offer` each says whether a promise may stand for it (告知承诺) and in which words.
    """
    return _sending.rows(wanted, held, sent, kept, offer)


def missing(rows: Iterable[MaterialRow]) -> MaterialsMissing | None:
    """What has to be handed in before the filing can be made; None when it can."""
    return _sending.missing(rows)


def receipt(case: CaseView) -> Receipt:
    """The receipt of a root case, for a caller who may see it."""
    source = receipt_source(case.kind)
    parts = source(case) if source else _receipts.of_one(case)
    org = orgs.get(case.org_id)
    given = [each for each in materials(case) if each.file_id]
    promised = next((c for c in case.clocks if c.name == "promised" and c.task_id is None), None)
    return Receipt(
        number=case.number,
        query_code=case.query_code,
        title=case.title,
        opened_at=case.opened_at,
        due_at=promised.due_at if promised else None,
        promised=parts.promised,
        lines=parts.lines,
        materials=tuple(each.name for each in given),
        materials_en=tuple(parts.names_en.get(each.key) or each.name for each in given),
        title_en=parts.title_en,
        lead=org.name,
        lead_phone=org.phone,
        supervision_phone=org.supervision_phone,
    )


def wanted_of(material: Material, matter_id: str) -> Wanted:
    """What a filing has to settle for one material of an implementation list."""
    return Wanted(
        key=material.key,
        name=material.name,
        kind=material.kind,
        source=material.source.value,
        reference=material.reference,
        holder=material.holder,
        requirement=material.requirement,
        why=material.why,
        make_up=material.make_up.text if material.make_up else "",
        may_promise=material.may_promise,
        proves=material.proves,
        proves_en=material.proves_en,
        proof_basis=material.proof_basis,
        check_within=material.check_within.text if material.check_within else "",
        matters=(matter_id,),
        name_en=material.name_en,
        requirement_en=material.requirement_en,
        why_en=material.why_en,
    )


def _require_family(case_id: int, by: Actor) -> None:
    """Who handles one case of a family, or checks a promise of it, reads the documents that its page lists.

    Raises NotYourCase.
    """
    checked = Promise.objects.filter(check_case=case_id).values_list("material__case", flat=True).first()
    root_id = checked or cases.peek(case_id).root_id
    if not any(cases.may_see(each, by) for each in _family_ids(root_id)):
        cases.get(case_id, by)


def _kept() -> QuerySet[KeptFile]:
    return KeptFile.objects.annotate(
        file_name=F("file__filename"), media_type=F("file__media_type"), size_bytes=F("file__size_bytes")
    )


def _kept_view(row: Any) -> KeptMaterial:
    return KeptMaterial(**{name: getattr(row, name) for name in KeptMaterial.__dataclass_fields__})


def _family_ids(root_id: int) -> list[int]:
    """The cases of a family, and those that check what was promised in it."""
    family = cases.family(root_id)
    checks = Promise.objects.filter(material__case=root_id, check_case__isnull=False)
    return [
        root_id,
        *(slot.case.id for slot in family.slots if slot.case),
        *checks.values_list("check_case", flat=True),
    ]
