"""Filing a one-thing: one form becomes one case with its parts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from yiwang.data.registries import queries as registries
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base import rows, throttle
from yiwang.kernel.base.contracts import Actor, Denied, Place
from yiwang.kernel.base.idempotency import once as only_once
from yiwang.kernel.base.sealing import sealed_index
from yiwang.kernel.cases import actions as engine
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import CaseView
from yiwang.kernel.forms import actions as forms
from yiwang.kernel.forms import queries as form_queries
from yiwang.kernel.forms.contracts import Known, Subject
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.people import queries as people
from yiwang.kernel.people.contracts import PartyView
from yiwang.kernel.workdays import queries as workdays
from yiwang.kernel.workdays.contracts import Limit, Unit
from yiwang.services.applications import actions as applications
from yiwang.services.applications.contracts import Basics, Channel, MaterialInput, Wanted
from yiwang.services.journeys import _filed, _materials, _plan
from yiwang.services.journeys._book import Book, open_book
from yiwang.services.journeys.contracts import KIND, NothingToDo, NotTheirs, PlanView

Answers = Mapping[str, Any]
ROUTE = "journeys.file"


@dataclass(frozen=True, slots=True)
class Checked:
    """A filing that has been looked through: its answers as they are kept, its parts, its materials."""

    book: Book
    party: PartyView
    answers: dict[str, Any]
    plan: PlanView
    wanted: tuple[Wanted, ...]
    holders: dict[str, list[str]]
    held: dict[str, str]


@transaction.atomic
def prefill(*, journey_id: str, by: Actor, at: datetime) -> dict[str, Known]:
    """What registers know of the one form, for whom `by` acts; each person shown gets one disclosure."""
    opened = open_book(journey_id)
    return forms.prefill(form=opened.form, subject=_subject(opened, _applicant(journey_id, by)), by=by, at=at)


@transaction.atomic
def check(*, journey_id: str, region_code: str, answers: Answers, by: Actor, at: datetime) -> Checked:
    """Look a filing through without filing it: for the review page, and as the first half of `file`.

    Raises AnswersInvalid, NotTheirs, NothingToDo, Denied.
    """
    opened, party = open_book(journey_id, region_code), _applicant(journey_id, by)
    known = forms.prefill(form=opened.form, subject=_subject(opened, party), by=by, at=at)
    known = _without_strangers(opened, known, answers)
    today = workdays.legal_day(at)
    cleaned = form_queries.validate(opened.form, dict(answers), known=known, by=by, today=today)
    _require_theirs(opened, cleaned, party)
    plan = _plan.plan(opened, cleaned, region_code=region_code, on=today)
    if not plan.parts:
        raise NothingToDo("按所填的内容，没有要办的事项。", hint="请核对所选的内容，或拨打12345询问。")
    holders = _holders(opened, cleaned)
    materials = _materials.union(opened, _plan.arrangement(opened, cleaned, plan), cleaned)
    held = applications.check_held(
        wanted=[each.wanted for each in materials],
        holders={"applicant": [party.subject_key], **holders},
        case_number=None,
        by=by,
        at=at,
    )
    wanted = tuple(m.wanted for m in materials if not m.where_it_exists or m.wanted.key in held)
    return Checked(opened, party, cleaned, plan, wanted, holders, held)


@rows.action
def file(
    *,
    journey_id: str,
    region_code: str,
    answers: Answers,
    materials: Mapping[str, MaterialInput],
    once: str,
    by: Actor,
    at: datetime,
    channel: Channel = Channel.WEB,
    language: str = "zh-hans",
) -> CaseView:
    """File one form: a root case whose parts open in their order. The same `once` again gives the first case.

    Raises AnswersInvalid, NotTheirs, NothingToDo, BadMaterials, NotYourMaterial, NobodyHandles, KeyReused, Denied.
    """
    body = {
        "journey": journey_id,
        "region": region_code,
        "answers": dict(answers),
        "materials": {key: [given.file_id, given.is_promised] for key, given in materials.items()},
    }

    def perform() -> dict[str, Any]:
        throttle.count(ROUTE, f"{by.kind}:{by.account_id}", at=at, most=throttle.FILINGS_AN_HOUR, window=throttle.HOUR)
        checked = check(journey_id=journey_id, region_code=region_code, answers=answers, by=by, at=at)
        case = _open(checked, region_code, by=by, at=at)
        applications.enter(
            case=case,
            wanted=checked.wanted,
            inputs=materials,
            channel=channel,
            holders=checked.holders,
            delivery=_delivery(checked.book, checked.answers),
            language=language,
            by=by,
            at=at,
        )
        detail = {"journey": journey_id, "parts": len(checked.plan.parts), "days": checked.plan.promised_days}
        audit.record("journeys.filed", target=f"case:{case.id}", by=by, at=at, detail=detail)
        return {"case_id": case.id}

    result = only_once(route=ROUTE, key=once, body=body, by=by, at=at, perform=perform)
    return cases.peek(result["case_id"], at=at)


def _open(checked: Checked, region_code: str, *, by: Actor, at: datetime) -> CaseView:
    opened, plan = checked.book, checked.plan
    basics = Basics(
        on=workdays.legal_day(at),
        form_id=opened.form.id,
        form_hash=opened.form.hash,
        answers=checked.answers,
        extra=_filed.keep(opened, plan, checked.answers),
    )
    return engine.open_case(
        kind=KIND,
        flow=opened.body.flow,
        title=str(opened.body.title),
        org_id=orgs.handling(opened.body.lead, region_code).id,
        region_code=region_code,
        applicant_id=checked.party.id,
        subject=checked.party.name,
        data=basics.to_data(),
        limits={"promised": Limit(plan.promised_days, Unit.WORKDAY)},
        by=by,
        at=at,
    )


def _applicant(journey_id: str, by: Actor) -> PartyView:
    """Whom `by` acts for, within the mandate where it is not themselves."""
    if by.acting_for is None:
        raise Denied("请用个人账号登录，或由代办人代为申报。", hint="工作人员请在窗口用代办入口。")
    if by.mandate_id is not None and not people.mandate(by.mandate_id).covers(journey_id):
        raise Denied("代办授权不包括这件事。", hint="请委托人补充授权后再办。")
    return people.party(by.acting_for)


def _subject(opened: Book, party: PartyView) -> Subject:
    """The applicant with those whose registers fill the form: in each role whoever of the couple has its sex."""
    person = registries.find_person(party.subject_key)
    marriage = registries.marriage_of(party.subject_key) if person else None
    spouse = registries.find_person(marriage.spouse_of(party.subject_key)) if marriage else None
    couple = {each.sex: each.id_number for each in (spouse, person) if each is not None}
    related = {name: couple[role.sex] for name, role in opened.body.roles.items() if role.sex in couple}
    return Subject(party.id, party.id_number, "person", related)


def _without_strangers(opened: Book, known: dict[str, Known], answers: Answers) -> dict[str, Known]:
    """The spouse on record need not be the other parent: who names somebody else is asked about them."""
    strangers = {
        opened.form.field(name).subject
        for name in opened.body.applicant
        if name in known and answers.get(name) not in (None, "", known[name].value)
    }
    return {
        path: held for path, held in known.items() if opened.form.field(path.split(".")[-1]).subject not in strangers
    }


def _require_theirs(opened: Book, answers: Answers, party: PartyView) -> None:
    if party.id_number in {answers.get(name) for name in opened.body.applicant}:
        return
    labels = "、".join(str(opened.form.field(name).label) for name in opened.body.applicant)
    places = [Place(name, "申请人应是其中之一。") for name in opened.body.applicant if answers.get(name)]
    raise NotTheirs(f"申请人本人的号码应填在{labels}之中。", places=places, hint="请核对号码，或由本人申报。")


def _holders(opened: Book, answers: Answers) -> dict[str, list[str]]:
    return {
        holder: [sealed_index(str(answers[name])) for name in names if answers.get(name)]
        for holder, names in opened.body.holders.items()
    }


def _delivery(opened: Book, answers: Answers) -> dict[str, str] | None:
    asked = opened.body.delivery
    if asked is None or not answers.get(asked.wanted):
        return None
    return {name: str(answers.get(getattr(asked, name), "")) for name in ("recipient", "phone", "address")}
