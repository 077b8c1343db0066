"""Filing one matter, and everything that happens to its materials afterwards."""

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
from yiwang.kernel.base.rows import together
from yiwang.kernel.cases import actions as engine
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import CaseView
from yiwang.kernel.files import queries as files
from yiwang.kernel.forms import actions as forms
from yiwang.kernel.forms import queries as form_queries
from yiwang.kernel.forms.contracts import Known
from yiwang.kernel.people import queries as people
from yiwang.kernel.people.contracts import PartyView
from yiwang.kernel.workdays import queries as workdays
from yiwang.services.applications import _materials, _precheck, _promises, _sending, _single, queries
from yiwang.services.applications._tracking import tracking_key
from yiwang.services.applications.contracts import (
    KIND,
    Basics,
    CannotCheckPromise,
    CannotSupply,
    Channel,
    Checked,
    MaterialInput,
    MaterialRow,
    MaterialStatus,
    MaterialView,
    NotYourMaterial,
    Sent,
    Wanted,
)
from yiwang.services.applications.models import FiledMaterial, Filing, KeptFile
from yiwang.services.matters.contracts import ImplementationView
from yiwang.support.licences import queries as licences

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


@transaction.atomic
@together()
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
) -> CaseView:
    """File one matter: open its case, enter its materials. The same `once` again gives the first case.

    A condition that is not met stops nothing: the right to apply is the applicant's, the judgement the unit's.
    Raises what `check` raises, BadMaterials, NotYourMaterial, KeyReused.
    """
    body = {
        "code": code,
        "answers": dict(answers),
        "materials": {
            key: [given.file_id, given.is_promised, *sorted(given.said.items())] for key, given in materials.items()
        },
    }

    opened: list[CaseView] = []

    def perform() -> dict[str, Any]:
        throttle.count(ROUTE, f"{by.kind}:{by.account_id}", at=at, most=throttle.FILINGS_AN_HOUR, window=throttle.HOUR)
        checked = _checked(code, answers, by=by, at=at)
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


@transaction.atomic
@together()
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
    _require_own([item.file_id for item in inputs.values() if item.file_id], by)
    checks = _precheck.of_filing(wanted, inputs, party, on=workdays.legal_day(at))
    entered = _materials.enter(case.id, wanted=wanted, inputs=inputs, held=held, checks=checks)
    for row, item in zip(entered, wanted, strict=True):
        if row.status == MaterialStatus.PROMISED:
            _promises.make(row, item, case, by=by, at=at)
    rows.insert(
        Filing(
            case_id=case.id,
            channel=intake.channel,
            phone=party.phone or None,
            phone_key=tracking_key(case.number, party.phone) if party.phone else "",
            language=intake.language,
            delivery=dict(intake.delivery) if intake.delivery else None,
            filed_at=at,
        )
    )
    _keep(entered, party_id=party.id, at=at)
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
def supply(*, case_id: int, key: str, file_id: int, by: Actor, at: datetime) -> MaterialView:
    """Hand in a material that is lacking, faulty, promised or to be made up for.

    Raises NoSuchMaterial, CannotSupply (settled, or the case is over), NotYourMaterial, NotYourCase.
    """
    case = cases.get(case_id, by)
    row = _materials.one(case, key)
    if not case.is_open or row.status in {MaterialStatus.VERIFIED, MaterialStatus.GENERATED}:
        raise CannotSupply(_("这份材料不需要再提交。"), hint=_("请查看办件进度。"))
    _require_own([file_id], by)
    row.file_id, row.status = file_id, MaterialStatus.PROVIDED.value
    row.problem, row.make_up_on, row.checked_at, row.checked_by = None, None, None, None
    # What was said of the paper before is not said of this one.
    row.said, row.precheck = None, None
    row.save()
    if case.applicant_id is not None:
        _keep([row], party_id=case.applicant_id, at=at)
    engine.note(case_id=case_id, text=f"已补交材料：{row.name}", is_visible=True, by=by, at=at)
    audit.record("applications.material.supplied", target=case.number, by=by, at=at, detail={"key": key})
    return _materials.views([row])[0]


@transaction.atomic
def check_material(*, case_id: int, key: str, problem: str = "", by: Actor, at: datetime) -> MaterialView:
    """A clerk's verdict on one material: fine, or what is wrong with it. Raises NotYourCase, NoSuchMaterial."""
    case = cases.get(case_id, by)
    row = _materials.one(case, key)
    if by.acting_for is not None and not by.posts:
        raise NotYourMaterial("材料由经办人员审核。", hint="")
    row.status, row.problem = _verdict(row, problem)
    row.checked_by, row.checked_at = by.account_id, at
    row.save(update_fields=["status", "problem", "checked_by", "checked_at"])
    detail = {"key": key, "fine": not problem}
    audit.record("applications.material.checked", target=case.number, by=by, at=at, detail=detail)
    return _materials.views([row])[0]


@transaction.atomic
def check_promise(*, case_id: int, key: str, is_kept: bool, words: str, by: Actor, at: datetime) -> MaterialView:
    """What the check of a promise found: kept settles it; if not, the check's flow goes on to hear the applicant and decide.

    Raises NotYourCase, NothingPromised, CannotCheckPromise, and as taking the step does: NotYourStep, SameHolder, GroundsMissing.
    """
    case = cases.get(case_id, by)
    check = cases.peek(_promises.running_check(case, key))
    choice = "kept" if is_kept else "broken"
    step = next((t.step for t in check.steps_open if any(each.code == choice for each in t.choices)), None)
    if step is None:
        raise CannotCheckPromise("承诺核查正在等申请人说明。", hint="申请人说明后或逾期不说明的，再作认定。")
    engine.advance(case_id=check.id, step=step, choice=choice, grounds=words, by=by, at=at)
    detail = {"key": key, "kept": is_kept}
    audit.record("applications.promise.said", target=case.number, by=by, at=at, detail=detail)
    row = _materials.one(case, key)
    return _materials.views([row], _promises.views([row], at=at))[0]


@transaction.atomic
def forget_kept(*, kept_id: int, by: Actor, at: datetime) -> None:
    """Take a file out of one's materials centre; filings that used it keep it."""
    gone, _ = KeptFile.objects.filter(pk=kept_id, party=by.acting_for).delete()
    if not gone:
        raise NotYourMaterial("材料中心没有这份材料。", hint="请刷新页面。")
    audit.record("applications.kept.forgotten", target=f"kept:{kept_id}", by=by, at=at)


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
def forget_draft(*, form_id: str, key: str, by: Actor, at: datetime) -> None:
    """Let the draft of a filing go, its answers and its files' choice: what was filed is in the case."""
    forms.discard_draft(form_id=form_id, key=key, by=by, at=at)
    forms.discard_draft(form_id=form_id, key=_sending.draft_key(key), by=by, at=at)


def _verdict(row: FiledMaterial, problem: str) -> tuple[str, str | None]:
    if problem:
        return MaterialStatus.FAULTY.value, problem
    if row.status == MaterialStatus.FAULTY:
        return (MaterialStatus.PROVIDED if row.file_id else MaterialStatus.LACKING).value, None
    return row.status, None


def _require_own(file_ids: list[int], by: Actor) -> None:
    """Files belong to who acts or to whom they act for; staff take files in at the window."""
    if by.posts or not file_ids:
        return
    refs = files.named(file_ids)
    owners = {by.party_id, by.acting_for}
    if len(refs) < len(set(file_ids)) or any(ref.owner_party_id not in owners for ref in refs.values()):
        raise NotYourMaterial(_("只能使用自己上传的文件。"), hint=_("请重新上传这份材料。"))


def _keep(handed_in: Sequence[FiledMaterial], *, party_id: int, at: datetime) -> None:
    """Put handed-in files into the applicant's materials centre, counting each use."""
    for row in handed_in:
        if row.file_id is None:
            continue
        kept, is_new = KeptFile.objects.get_or_create(
            party_id=party_id,
            key=row.key,
            file_id=row.file_id,
            defaults={"name": row.name, "kept_at": at, "last_used_at": at},
        )
        if not is_new:
            kept.last_used_at, kept.used_times = at, kept.used_times + 1
            kept.save(update_fields=["last_used_at", "used_times"])
