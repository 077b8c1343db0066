"""Materials and documents of a filing as JSON, files to hand in, and progress by number and phone tail."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import File, Schema
from ninja.files import UploadedFile
from pydantic import Field

from yiwang.kernel.base import throttle
from yiwang.kernel.base.http import ApiRouter, actor
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.files import actions as files
from yiwang.services.applications import actions, queries

applicants = ApiRouter(tags=["我的办件材料"], audience="applicant")
readers = ApiRouter(tags=["办件材料与文书"], audience="signed-in")
desk = ApiRouter(tags=["材料核对"], audience="staff")
public = ApiRouter(tags=["进度查询"], audience="public")

Number = Annotated[str, Field(max_length=40)]
Key = Annotated[str, Field(max_length=60)]
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
