"""One-things as JSON: what one saves, its form, filing it, and following all its matters."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Header, Schema, Status
from pydantic import Field

from yiwang.kernel.base.http import ApiRouter, actor
from yiwang.kernel.base.masking import mask_name
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import CaseView
from yiwang.kernel.forms import queries as form_queries
from yiwang.services.applications import queries as applications
from yiwang.services.applications.contracts import MaterialInput, MaterialRow, PromiseOffer, Sent
from yiwang.services.journeys import actions, queries
from yiwang.services.journeys.contracts import Difference, Explanation, NoSuchJourney, NotCounted, ParcelLine, Progress

public = ApiRouter(tags=["一件事"], audience="public")
applicants = ApiRouter(tags=["一件事申报"], audience="applicant")
readers = ApiRouter(tags=["一件事进度"], audience="signed-in")

Id = Annotated[str, Field(max_length=120)]
Number = Annotated[str, Field(max_length=40)]
Region = Annotated[str, Field(pattern=r"^\d{12}$")]
Key = Annotated[str, Field(max_length=60)]
Once = Annotated[str, Header(alias="Idempotency-Key", min_length=8, max_length=64)]
MATERIALS_MAX = 60


class JourneyOut(Schema):
    id: str
    title: str
    title_en: str
    intro: str
    intro_en: str
    audience: list[str]
    themes: list[str]
    matters: int
    visits: int
    promised_days: int


class PartOut(Schema):
    """A matter of the one-thing: what it waits for and between which work days it is done."""

    slot: str
    title: str
    title_en: str
    unit: str
    after: list[str]
    applies: str
    applies_en: str
    statutory: str
    promised: str
    starts_on_day: int
    ends_on_day: int
    is_on_path: bool
    result: str

    @staticmethod
    def resolve_statutory(part: Any) -> str:
        return str(part.statutory)

    @staticmethod
    def resolve_promised(part: Any) -> str:
        return str(part.promised)


class MaterialLineOut(Schema):
    key: str
    name: str
    name_en: str
    source: str
    is_asked: bool
    may_lack: bool
    condition: str
    condition_en: str
    why: str
    why_en: str


class ExplanationOut(Schema):
    """What a one-thing saves; every figure is computed from its packs."""

    id: str
    title: str
    title_en: str
    statutory_sum: int
    promised_sum: int
    promised_days: int
    own_visits: int
    visits: int
    own_material_rows: int
    materials: int
    materials_asked: int
    own_field_rows: int
    fields: int
    fields_known: int
    paths: list[list[str]]
    parts: list[PartOut]
    material_lines: list[MaterialLineOut]
    quoted_source: str
    differences: list[Difference]
    regions: list[str]


class KnownOut(Schema):
    """What a register holds for one place of the form; it need not be sent. With `may_change` what is sent stands."""

    value: Any
    shown: str
    source: str
    source_title: str
    as_of: date
    may_change: bool


class CheckBody(Schema):
    region: Region
    answers: dict[str, Any]


class MaterialBody(Schema):
    """A file handed in before, or the promise that stands for it (告知承诺): to say so is to have read its words."""

    file_id: Annotated[int, Field(ge=1, lt=2**62)] | None = None
    is_promised: bool = False


class FilingBody(CheckBody):
    materials: Annotated[dict[Key, MaterialBody], Field(max_length=MATERIALS_MAX)] = {}
    language: Literal["zh-hans", "en"] = "zh-hans"


class PlannedOut(Schema):
    slot: str
    title: str
    title_en: str
    org_name: str
    after: list[str]
    starts_on_day: int
    ends_on_day: int


class LeftOutOut(Schema):
    part: str
    title: str
    why: str


class PromiseOut(Schema):
    """告知承诺: what is to be read before `is_promised` may be sent for a material."""

    notice_title: str
    notice: list[str]
    promise_title: str
    promise: list[str]
    check_within: str

    @staticmethod
    def resolve_check_within(terms: Any) -> str:
        return str(terms.check_within)


class WantedOut(Schema):
    """`held` says which register or certificate answers for it; empty when it is to be handed in.

    `promise` is there where a promise may stand for it; after a broken one none may until `barred_until`.
    """

    key: str
    name: str
    held: str
    promise: PromiseOut | None
    barred_until: date | None


class CheckOut(Schema):
    parts: list[PlannedOut]
    left_out: list[LeftOutOut]
    promised_days: int
    due_on: date
    is_provisional: bool
    materials: list[WantedOut]


class FiledOut(Schema):
    id: int
    number: str
    query_code: str
    title: str
    status: str
    opened_at: datetime
    version: int


class RowOut(Schema):
    """A matter of a running one-thing; `subject` is masked for everyone but the applicant."""

    slot: str
    title: str
    subject: str
    status: str
    unit: str
    unit_phone: str
    step: str
    post: str
    waits_for: str
    waits_after: list[str]
    due_at: datetime | None
    lamp: str
    not_counted: list[NotCounted]
    not_counted_days: int
    outcome: str
    is_good: bool
    case_id: int | None
    number: str
    closed_at: datetime | None
    parcels: list[ParcelLine]


class ProgressOut(Schema):
    number: str
    journey_id: str
    title: str
    status: str
    outcome: str
    opened_at: datetime
    due_at: datetime | None
    lamp: str
    lead: str
    lead_phone: str
    supervision_phone: str
    waits_for: str
    promised_days: int
    done: int
    rows: list[RowOut]


@public.get("", response=list[JourneyOut])
def index(request: HttpRequest, audience: Key = "", theme: Key = "") -> Any:
    """The one-things in force."""
    return queries.all_of(audience=audience, theme=theme)


@readers.get("/filings/{number}", response=ProgressOut)
def follow(request: HttpRequest, number: Number) -> dict[str, Any]:
    """All matters of a filing, for whoever may see the whole of it."""
    by, now = actor(request), timezone.now()
    root = cases.get(cases.by_number(number).root_id, by, at=now)
    return _shown(queries.progress(root.id, at=now), is_mine=by.acting_for == root.applicant_id)


@public.get("/{journey_id}", response=ExplanationOut)
def explain(request: HttpRequest, journey_id: Id) -> dict[str, Any]:
    """What a one-thing saves and in which order its matters run."""
    return _explained(queries.explain(journey_id)) | {"regions": [r.code for r in queries.regions(journey_id)]}


@public.get("/{journey_id}/form", response=dict[str, Any])
def form(request: HttpRequest, journey_id: Id, language: Literal["zh", "en"] = "zh") -> dict[str, Any]:
    """The one form: fields, conditions and sentences."""
    return form_queries.as_json(queries.form(journey_id), language=language)


@applicants.post("/{journey_id}/prefill", response=dict[str, KnownOut])
def prefill(request: HttpRequest, journey_id: Id) -> Any:
    """What registers know of the form, by place; each person shown is told that it was looked up."""
    return actions.prefill(journey_id=journey_id, by=actor(request), at=timezone.now())


@applicants.post("/{journey_id}/check", response=CheckOut)
def check(request: HttpRequest, journey_id: Id, body: CheckBody) -> dict[str, Any]:
    """What these answers would set going, without filing them."""
    now = timezone.now()
    _require_place(journey_id, body.region)
    checked = actions.check(
        journey_id=journey_id, region_code=body.region, answers=body.answers, by=actor(request), at=now
    )
    due = queries.due(checked.plan, at=now)
    offer = PromiseOffer(checked.party.id, body.region, now)
    rows = applications.material_rows(checked.wanted, checked.held, Sent(), offer=offer)
    return {
        "parts": checked.plan.parts,
        "left_out": checked.plan.left_out,
        "promised_days": checked.plan.promised_days,
        "due_on": due.on,
        "is_provisional": due.is_provisional,
        "materials": [_wanted(row, checked.held) for row in rows],
    }


@applicants.post("/{journey_id}/filings", response={201: FiledOut})
def file(request: HttpRequest, journey_id: Id, body: FilingBody, once: Once) -> Any:
    """File the form; the same Idempotency-Key with the same body answers with the first filing."""
    _require_place(journey_id, body.region)
    case = actions.file(
        journey_id=journey_id,
        region_code=body.region,
        answers=body.answers,
        materials=_inputs(body.materials),
        once=once,
        language=body.language,
        by=actor(request),
        at=timezone.now(),
    )
    return Status(201, _filed(case))


def _wanted(row: MaterialRow, held: Mapping[str, str]) -> dict[str, Any]:
    wanted = row.wanted
    found = {"key": wanted.key, "name": wanted.name, "held": held.get(wanted.key, "")}
    return found | {"promise": row.terms, "barred_until": row.barred_until}


def _require_place(journey_id: str, region: str) -> None:
    if region not in {place.code for place in queries.regions(journey_id)}:
        raise NoSuchJourney("这个地方还不能办这件事。", hint="请从 regions 里选一个地方。")


def _inputs(given: Mapping[str, MaterialBody]) -> dict[str, MaterialInput]:
    return {key: MaterialInput(file_id=each.file_id, is_promised=each.is_promised) for key, each in given.items()}


def _filed(case: CaseView) -> dict[str, Any]:
    return {name: getattr(case, name) for name in FiledOut.model_fields}


def _explained(found: Explanation) -> dict[str, Any]:
    counted = {name: getattr(found, name) for name in ExplanationOut.model_fields if hasattr(found, name)}
    return counted | {
        "id": found.journey_id,
        "materials": len(found.materials),
        "materials_asked": len(found.materials_asked),
        "fields": len(found.fields),
        "fields_known": len(found.fields_known),
        "material_lines": found.materials,
    }


def _shown(found: Progress, *, is_mine: bool) -> dict[str, Any]:
    rows = [asdict(row) | {"subject": row.subject if is_mine else mask_name(row.subject)} for row in found.rows]
    return {name: getattr(found, name) for name in ProgressOut.model_fields} | {"rows": rows}
