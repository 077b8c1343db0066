"""Filing one matter; what happens to its materials afterwards is re-exported from its own module."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base import rows, throttle
from yiwang.kernel.base.contracts import Actor, Denied, Invalid
from yiwang.kernel.base.idempotency import once as only_once
from yiwang.kernel.base.rows import action
from yiwang.kernel.cases import actions as engine
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import CaseView
from yiwang.kernel.forms import actions as forms
from yiwang.kernel.forms import queries as form_queries
from yiwang.kernel.forms.contracts import Known
from yiwang.kernel.people import queries as people
from yiwang.kernel.people.contracts import PartyView
from yiwang.kernel.workdays import queries as workdays
from yiwang.services.applications import (
    _counter,
    _materials,
    _precheck,
    _promises,
    _sending,
    _single,
    _supplying,
    queries,
)
from yiwang.services.applications._supplying import check_material as check_material
from yiwang.services.applications._supplying import check_promise as check_promise
from yiwang.services.applications._supplying import forget_kept as forget_kept
from yiwang.services.applications._supplying import supply as supply
from yiwang.services.applications._tracking import tracking_key
from yiwang.services.applications.contracts import (
    KIND,
    Basics,
    Channel,
    Checked,
    MaterialInput,
    MaterialRow,
    MaterialStatus,
    MaterialView,
    Sent,
    Wanted,
)
from yiwang.services.applications.models import FiledMaterial, Filing
from yiwang.services.matters import queries as matters
from yiwang.services.matters.contracts import ImplementationView
from yiwang.support.licences import queries as licences
from yiwang.support.login.contracts import Assurance

PURPOSE = "核验申请材料"
ROUTE = "applications.file"


@transaction.atomic
def prefill(*, code: str, by: Actor, at: datetime) -> dict[str, Known]:
    """What registers know of the form of one matter, for whom `by` acts; a disclosure is written.

    Raises NoSuchImplementation, NotOpenOnline, NotForThisApplicant, Denied.
    """
    matter = _single.implementation(code, on=workdays.legal_day(at))
    return _known(matter, _single.applicant(matter, by), by=by, at=at)


def _known(matter: ImplementationView, party: PartyView, *, by: Actor, at: datetime) -> dict[str, Known]:
    return forms.prefill(
        form=_single.form(matter), subject=_single.subject(party), purpose=f"办理{matter.name}", by=by, at=at
    )


@transaction.atomic
def check(*, code: str, answers: Mapping[str, Any], by: Actor, at: datetime) -> Checked:
    """Look a filing of one matter through without making it: for the review page, and as the first half of `file`.

    Raises AnswersInvalid and what `prefill` raises.
    """
    return _checked(code, answers, by=by, at=at)


def _checked(code: str, answers: Mapping[str, Any], *, by: Actor, at: datetime) -> Checked:
    today = workdays.legal_day(at)
    matter = _single.implementation(code, on=today)
    party, form = _single.applicant(matter, by), _single.form(matter)
    known = _known(matter, party, by=by, at=at)
    cleaned = form_queries.validate(form, dict(answers), known=known, by=by, today=today)
    needed = _single.materials(matter, form, cleaned, today)
    wanted = [queries.wanted_of(material, matter.matter_id) for material in needed]
    held = _held(wanted, {"applicant": [party.subject_key]}, None, by=by, at=at)
    left_out = {each.key for each in needed if each.where_it_exists and each.key not in held}
    return Checked(
        implementation=matter,
        form=form,
        party=party,
        answers=cleaned,
        wanted=tuple(each for each in wanted if each.key not in left_out),
        held=held,
        conditions=_single.conditions(matter, form, cleaned, today),
    )


@action
def file(
    *,
    code: str,
    answers: Mapping[str, Any],
    materials: Mapping[str, MaterialInput],
    once: str,
    by: Actor,
    at: datetime,
    channel: Channel = Channel.WEB,
    language: str = "zh-hans",
    assurance: int = Assurance.PASSWORD,
) -> CaseView:
    """File one matter: open its case, enter its materials. The same `once` again gives the first case.

    A condition that is not met stops nothing: the right to apply is the applicant's, the judgement the unit's.
    `assurance` is how sure it is who files. Raises what `check` raises, AssuranceNeeded, BadMaterials, NotYourMaterial, KeyReused.
    """
    body = {
        "code": code,
        "answers": dict(answers),
        "materials": {
            key: [given.file_id, given.is_promised, *sorted(given.said.items())] for key, given in materials.items()
        },
    }

    opened: list[CaseView] = []
    matters.foresee(code, on=workdays.legal_day(at))
    if by.acting_for is not None:
        people.foresee(by.acting_for)

    def perform() -> dict[str, Any]:
        throttle.count(ROUTE, f"{by.kind}:{by.account_id}", at=at, most=throttle.FILINGS_AN_HOUR, window=throttle.HOUR)
        checked = _checked(code, answers, by=by, at=at)
        _single.require_assurance(checked.implementation, assurance)
        case = _open(checked, by=by, at=at)
        opened.append(case)
        intake = _Intake(case, checked.party, channel, language)
        _enter(intake, wanted=checked.wanted, inputs=materials, by=by, at=at)
        return {"case_id": case.id}

    result = only_once(route=ROUTE, key=once, body=body, by=by, at=at, perform=perform)
    return opened[0] if opened else cases.peek(result["case_id"], at=at)


def _open(checked: Checked, *, by: Actor, at: datetime) -> CaseView:
    matter = checked.implementation
    limits = {"promised": matter.promised, "statutory": matter.statutory}
    basics = Basics(
        matter_id=matter.matter_id,
        implementation_id=matter.id,
        on=workdays.legal_day(at),
        form_id=checked.form.id,
        form_hash=checked.form.hash,
        answers=checked.answers,
    )
    return engine.open_case(
        kind=KIND,
        flow=matter.flow_id,
        title=matter.name,
        org_id=matter.org_id or 0,
        applicant_id=checked.party.id,
        subject=checked.party.name,
        data=basics.to_data(),
        limits={name: limit for name, limit in limits.items() if limit is not None},
        by=by,
        at=at,
        region_code=matter.region_code,
    )


@action
def enter(
    *,
    case: CaseView,
    wanted: Sequence[Wanted],
    inputs: Mapping[str, MaterialInput],
    channel: Channel,
    by: Actor,
    at: datetime,
    holders: Mapping[str, Sequence[str]] | None = None,
    delivery: Mapping[str, str] | None = None,
    language: str = "zh-hans",
) -> list[MaterialView]:
    """Record how a root case came in and how each of its materials stands.

    `holders` gives the subject keys behind a material's holder (`parents`); the applicant is known.
    Raises Denied, BadMaterials, NotYourMaterial, CannotPromise.
    """
    if case.applicant_id is None or by.acting_for not in {case.applicant_id, None}:
        raise Denied(_("只能为本人或已授权的人申报。"), hint=_("请先取得授权。"))
    intake = _Intake(case, people.party(case.applicant_id), channel, language, holders or {}, delivery)
    _enter(intake, wanted=wanted, inputs=inputs, by=by, at=at)
    return _materials.views(_materials.rows_of(case))


@dataclass(frozen=True, slots=True)
class _Intake:
    """A root case and its applicant, and how the filing came in."""

    case: CaseView
    party: PartyView
    channel: Channel
    language: str
    holders: Mapping[str, Sequence[str]] = field(default_factory=dict)
    delivery: Mapping[str, str] | None = None


def _enter(
    intake: _Intake, *, wanted: Sequence[Wanted], inputs: Mapping[str, MaterialInput], by: Actor, at: datetime
) -> list[FiledMaterial]:
    case, party = intake.case, intake.party
    everyone = {"applicant": [party.subject_key], **intake.holders}
    held = _held(wanted, everyone, case.number, by=by, at=at)
    _supplying.require_own([item.file_id for item in inputs.values() if item.file_id], by)
    checks = _precheck.of_filing(wanted, inputs, party, on=workdays.legal_day(at))
    entered = _materials.enter(case.id, wanted=wanted, inputs=inputs, held=held, checks=checks)
    for row, item in zip(entered, wanted, strict=True):
        if row.status == MaterialStatus.PROMISED:
            _promises.make(row, item, case, by=by, at=at)
    rows.insert(
        rows.new(
            Filing,
            case_id=case.id,
            channel=intake.channel,
            phone=party.phone or None,
            phone_key=tracking_key(case.number, party.phone) if party.phone else "",
            language=intake.language,
            delivery=dict(intake.delivery) if intake.delivery else None,
            filed_at=at,
        )
    )
    _supplying.keep(entered, party_id=party.id, at=at)
    audit.record("applications.filed", target=case.number, by=by, at=at, detail={"channel": intake.channel})
    return entered


@transaction.atomic
def check_held(
    *,
    wanted: Sequence[Wanted],
    holders: Mapping[str, Sequence[str]],
    case_number: str | None,
    by: Actor,
    at: datetime,
) -> dict[str, str]:
    """免提交: which materials the certificate register already holds, by key, with the identifiers as evidence.

    A material with several holders (both parents) counts only when each of them holds it. Every hit is disclosed.
    """
    return _held(wanted, holders, case_number, by=by, at=at)


def _held(
    wanted: Sequence[Wanted],
    holders: Mapping[str, Sequence[str]],
    case_number: str | None,
    *,
    by: Actor,
    at: datetime,
) -> dict[str, str]:
    found: dict[str, str] = {}
    for item in wanted:
        keys = holders.get(item.holder) or ()
        if item.source != "licence" or not keys:
            continue
        if not all(licences.holds(key, item.reference, on=at.date()) for key in keys):
            continue
        found[item.key] = f"{item.reference}×{len(keys)}"
        for key in keys:
            audit.disclose(
                subject_key=key,
                elements=[f"licence:{item.reference}"],
                purpose=PURPOSE,
                authority=item.name,
                case_number=case_number,
                by=by,
                at=at,
            )
    return found


@transaction.atomic
def receive_materials(
    *,
    form_id: str,
    key: str,
    rows: Sequence[MaterialRow],
    data: QueryDict,
    uploads: "MultiValueDict[str, UploadedFile[Any]]",
    by: Actor,
    at: datetime,
) -> tuple[Sent, Invalid | None]:
    """Take the files of a posted page into the draft of a filing; returns all chosen so far, and what was refused."""
    sent, wrong = _sending.receive(rows, _sending.load(form_id, key, by), data=data, uploads=uploads, by=by, at=at)
    forms.save_draft(form_id=form_id, key=_sending.draft_key(key), answers=_sending.stored(sent), by=by, at=at)
    return sent, wrong


@transaction.atomic
def prepare_at_counter(*, code: str, scan_id: int, answers: Mapping[str, Any], by: Actor, at: datetime) -> None:
    """亮码办事: keep what a clerk filled in as the draft of whoever showed the scanned code; only they can file it.

    What they had written themselves and is not asked at the counter stays. Raises NoSuchScan, HolderGone, NoSuchImplementation,
    NotOpenOnline, NotForThisApplicant, TooManyDrafts.
    """
    _counter.prepare(code, scan_id, answers, by, at=at)


@transaction.atomic
def forget_draft(*, form_id: str, key: str, by: Actor, at: datetime) -> None:
    """Let the draft of a filing go, its answers and its files' choice: what was filed is in the case."""
    forms.discard_draft(form_id=form_id, key=key, by=by, at=at)
    forms.discard_draft(form_id=form_id, key=_sending.draft_key(key), by=by, at=at)
    forms.discard_draft(form_id=form_id, key=_counter.draft_key(key), by=by, at=at)
