"""Applying for one matter as JSON; materials and documents of a filing; files to hand in; progress by number and tail."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import File, Header, Schema
from ninja.files import UploadedFile
from pydantic import Field

from yiwang.kernel.base import throttle
from yiwang.kernel.base.http import ApiRouter, actor, assurance, contract_as
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.files import actions as files
from yiwang.kernel.forms import queries as forms
from yiwang.kernel.workdays import queries as workdays
from yiwang.services.applications import _single, actions, queries
from yiwang.services.applications._paper_schemas import MaterialBody, PaperCheckOut
from yiwang.services.applications._promise_schemas import FindingBody, PromiseOut, TermsOut
from yiwang.services.applications.contracts import MaterialInput, PromiseOffer, Sent

applicants = ApiRouter(tags=["我的办件材料"], audience="applicant")
readers = ApiRouter(tags=["办件材料与文书"], audience="signed-in")
desk = ApiRouter(tags=["材料核对"], audience="staff")
public = ApiRouter(tags=["进度查询"], audience="public")

Number = Annotated[str, Field(max_length=40)]
Key = Annotated[str, Field(max_length=60)]
Code = Annotated[str, Field(max_length=80)]
Once = Annotated[str, Header(alias="Idempotency-Key", min_length=8, max_length=64)]
MATERIALS_MAX = 60
TRACKS_MAX, TRACK_WINDOW = 20, timedelta(minutes=10)


class FileOut(Schema):
    id: int
    sha256: str
    media_type: str
    size_bytes: int
    filename: str


class MaterialOut(Schema):
    """`status`: verified, generated, pending, provided, faulty, lacking, gap, promised or not-needed."""

    key: str
    name: str
    kind: str
    source: str
    status: str
    problem: str
    why: str
    file_id: int | None
    file_name: str
    make_up_on: date | None
    promise: PromiseOut | None
    precheck: PaperCheckOut | None


class DocumentOut(Schema):
    id: int
    event: str
    title: str
    document_no: str
    org_name: str
    issued_at: datetime
    addressee: str
    paragraphs: list[str]
    remedies: str


class SupplyBody(Schema):
    file_id: Annotated[int, Field(ge=1, lt=2**62)]


class VerdictBody(Schema):
    """Empty: the material is fine. Otherwise what the applicant will read."""

    problem: Annotated[str, Field(max_length=300)] = ""


class TrackBody(Schema):
    number: Number
    phone_tail: Annotated[str, Field(min_length=4, max_length=4)]


class TrackOut(Schema):
    number: str
    title: str
    status: str
    outcome: str
    opened_at: datetime
    accepted_at: datetime | None
    closed_at: datetime | None
    parts: list[dict[str, Any]]


class NeedOut(Schema):
    """A material that the matter may ask for; `is_asked` is false where the government has it, and `why` says how."""

    key: str
    name: str
    name_en: str
    kind: str
    source: str
    is_asked: bool
    may_lack: bool
    is_conditional: bool
    requirement: str
    why: str
    why_en: str


class ConditionOut(Schema):
    code: str
    sentence: str
    sentence_en: str


class NeedsOut(Schema):
    """What applying for a matter by itself takes: its form as the page has it, its materials, its conditions."""

    code: str
    matter_id: str
    name: str
    name_en: str
    type: str
    org_name: str
    audience: list[str]
    statutory: str | None
    promised: str | None
    form: dict[str, Any]
    materials: list[NeedOut]
    conditions: list[ConditionOut]


class KnownOut(Schema):
    """What a register holds for one place of the form; it need not be sent. With `may_change` what is sent stands."""

    value: Any
    shown: str
    source: str
    source_title: str
    as_of: date
    may_change: bool


class AnswersBody(Schema):
    answers: dict[str, Any]


class CheckBody(AnswersBody):
    materials: Annotated[dict[Key, MaterialBody], Field(max_length=MATERIALS_MAX)] = {}


class FilingBody(AnswersBody):
    materials: Annotated[dict[Key, MaterialBody], Field(max_length=MATERIALS_MAX)] = {}
    language: Literal["zh-hans", "en"] = "zh-hans"


class WantedOut(Schema):
    """`held` says which register or certificate answers for it; `is_asked` when it is to be handed in.

    `promise` is there where a promise may stand for it; after a broken one none may until `barred_until`.
    """

    key: str
    name: str
    held: str
    is_asked: bool
    may_lack: bool
    promise: TermsOut | None
    barred_until: date | None
    precheck: PaperCheckOut | None


class ConditionAnswerOut(ConditionOut):
    """`answer`: met, not-met (this may be filed all the same; the unit decides) or unknown."""

    answer: str


class CheckOut(Schema):
    materials: list[WantedOut]
    conditions: list[ConditionAnswerOut]
    due_on: date | None
    is_provisional: bool


class FiledOut(Schema):
    id: int
    number: str
    query_code: str
    title: str
    status: str
    opened_at: datetime
    version: int


class LineOut(Schema):
    title: str
    subject: str


class ReceiptOut(Schema):
    number: str
    query_code: str
    title: str
    opened_at: datetime
    due_at: datetime | None
    promised: str | None
    lines: list[LineOut]
    materials: list[str]
    lead: str
    lead_phone: str
    supervision_phone: str


@public.get("/matters/{code}", response=NeedsOut)
def needs(request: HttpRequest, code: Code, language: Literal["zh", "en"] = "zh") -> dict[str, Any]:
    """What applying for one organisation's item takes."""
    matter = _single.implementation(code, on=workdays.legal_day(timezone.now()))
    given = {name: getattr(matter, name) for name in ("code", "matter_id", "name", "name_en", "org_name", "audience")}
    return given | {
        "type": matter.type.value,
        "statutory": str(matter.statutory) if matter.statutory else None,
        "promised": str(matter.promised) if matter.promised else None,
        "form": forms.as_json(_single.form(matter), language=language),
        "materials": [
            {name: getattr(each, name, None) for name in NeedOut.model_fields}
            | {"source": each.source.value, "is_conditional": bool(each.when)}
            for each in matter.materials or ()
        ],
        "conditions": matter.conditions or (),
    }


@applicants.post("/matters/{code}/prefill", response=dict[str, KnownOut])
def prefill(request: HttpRequest, code: Code) -> Any:
    """What registers know of the form, by place; the person is told that it was looked up."""
    return actions.prefill(code=code, by=actor(request), at=timezone.now())


@applicants.post("/matters/{code}/check", response=CheckOut)
def check_answers(request: HttpRequest, code: Code, body: CheckBody) -> dict[str, Any]:
    """What these answers would come to, without filing them."""
    now = timezone.now()
    checked = actions.check(code=code, answers=body.answers, by=actor(request), at=now)
    promised = checked.implementation.promised
    due = workdays.due(now, promised) if promised else None
    offer = PromiseOffer(checked.party.id, checked.implementation.region_code, now)
    chosen = {key: each.file_id for key, each in body.materials.items() if each.file_id is not None}
    sent = Sent(chosen, said={key: dict(each.said) for key, each in body.materials.items()})
    rows = queries.material_rows(checked.wanted, checked.held, sent, offer=offer)
    return {
        "materials": [
            {
                "key": row.wanted.key,
                "name": row.wanted.name,
                "held": checked.held.get(row.wanted.key, ""),
                "is_asked": row.is_asked,
                "may_lack": row.wanted.may_lack,
                "promise": row.terms,
                "barred_until": row.barred_until,
                "precheck": row.precheck,
            }
            for row in rows
        ],
        "conditions": checked.conditions,
        "due_on": due.on if due else None,
        "is_provisional": due.is_provisional if due else False,
    }


@applicants.post("/matters/{code}/filings", response={201: FiledOut})
def file(request: HttpRequest, code: Code, body: FilingBody, once: Once) -> Any:
    """File one matter; the same Idempotency-Key with the same body answers with the first filing.

    403 `applications.assurance-needed`: the matter wants a surer sign-in; `/login/confirm?level=N` raises this sitting.
    """
    case = actions.file(
        code=code,
        answers=body.answers,
        materials=_inputs(body.materials),
        once=once,
        language=body.language,
        assurance=assurance(request),
        by=actor(request),
        at=timezone.now(),
    )
    return contract_as(FiledOut, case, status=201)


@readers.get("/{number}/receipt", response=ReceiptOut)
def receipt(request: HttpRequest, number: Number) -> dict[str, Any]:
    """The receipt of a filing, for whoever may see it."""
    case = cases.get(cases.by_number(number).root_id, actor(request))
    found = queries.receipt(case)
    return {name: getattr(found, name) for name in ReceiptOut.model_fields} | {
        "promised": str(found.promised) if found.promised else None
    }


def _inputs(given: Mapping[str, MaterialBody]) -> dict[str, MaterialInput]:
    return {
        key: MaterialInput(file_id=each.file_id, is_promised=each.is_promised, said=dict(each.said))
        for key, each in given.items()
    }


@applicants.post("/files", response=FileOut)
def upload(request: HttpRequest, file: File[UploadedFile]) -> Any:
    """Hand in a file; it belongs to whom the sender acts for and may be named by later calls."""
    by = actor(request)
    return files.store(
        stream=file,
        filename=file.name or "",
        purpose="application-material",
        owner_party_id=by.acting_for,
        by=by,
        at=timezone.now(),
    )


@readers.get("/{number}/materials", response=list[MaterialOut])
def materials(request: HttpRequest, number: Number) -> Any:
    """How each material stands, for whoever may see the case."""
    return queries.materials(cases.get(cases.by_number(number).id, actor(request)))


@readers.get("/{number}/documents", response=list[DocumentOut])
def documents(request: HttpRequest, number: Number) -> Any:
    """Official documents of the whole family, oldest first."""
    return queries.documents(cases.get(cases.by_number(number).id, actor(request)).root_id)


@applicants.put("/{number}/materials/{key}", response=MaterialOut)
def supply(request: HttpRequest, number: Number, key: Key, body: SupplyBody) -> Any:
    """Hand in one material that is lacking, faulty or to be made up for."""
    case_id = cases.by_number(number).id
    return actions.supply(case_id=case_id, key=key, file_id=body.file_id, by=actor(request), at=timezone.now())


@desk.post("/{number}/materials/{key}/verdict", response=MaterialOut)
def check(request: HttpRequest, number: Number, key: Key, body: VerdictBody) -> Any:
    """A clerk's verdict on one material."""
    case_id = cases.by_number(number).id
    return actions.check_material(case_id=case_id, key=key, problem=body.problem, by=actor(request), at=timezone.now())


@desk.post("/{number}/materials/{key}/promise", response=MaterialOut)
def check_promise(request: HttpRequest, number: Number, key: Key, body: FindingBody) -> Any:
    """What the check of a promise found; not kept, the applicant is heard first, then another clerk decides."""
    return actions.check_promise(
        case_id=cases.by_number(number).id,
        key=key,
        is_kept=body.is_kept,
        words=body.words,
        by=actor(request),
        at=timezone.now(),
    )


@public.post("/track", response=TrackOut)
def track(request: HttpRequest, body: TrackBody) -> dict[str, Any]:
    """Where a filing stands, for who knows its number and the last four digits of the phone."""
    throttle.count(
        "applications.track",
        request.META.get("REMOTE_ADDR", ""),
        at=timezone.now(),
        most=TRACKS_MAX,
        window=TRACK_WINDOW,
    )
    family = queries.tracked(body.number, body.phone_tail)
    root = family.root
    return {
        "number": root.number,
        "title": root.title,
        "status": root.status.value,
        "outcome": root.outcome,
        "opened_at": root.opened_at,
        "accepted_at": root.accepted_at,
        "closed_at": root.closed_at,
        "parts": [
            {"slot": slot.slot, "title": slot.title, "status": slot.status.value, "is_good": slot.is_good}
            for slot in family.slots
        ],
    }
