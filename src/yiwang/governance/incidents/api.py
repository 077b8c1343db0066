"""Incidents as JSON, for staff: reports with photos, lists, points for maps, what is done to one."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import File, Form, Header, Schema, Status
from ninja.files import UploadedFile
from pydantic import Field

from yiwang.governance.incidents import _photos, actions, queries
from yiwang.governance.incidents.contracts import Filters, NewReport, Reported
from yiwang.kernel.base.http import ApiRouter, actor

router = ApiRouter(tags=["网格事件"], audience="staff")

Once = Annotated[str, Header(alias="Idempotency-Key", min_length=8, max_length=64)]
Code = Annotated[str, Field(pattern=r"^\d{16}$")]
TypeKey = Annotated[str, Field(pattern=r"^(event|component):\d{4}$")]
Lon = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Lat = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Step = Annotated[str, Field(max_length=40, pattern=r"^[a-z][a-z0-9-]*$")]
State = Literal["open", "closed", "all"]


class TypeOut(Schema):
    key: str
    scope: str
    code: str
    name: str
    class_name: str
    limit: str
    may_self_handle: bool
    closes_when: str


class ReportIn(Schema):
    """`seen_at` with its offset from UTC; `joins` the 16 digits of an incident that this is one more report of."""

    type_key: TypeKey
    lon: Lon
    lat: Lat
    seen_at: datetime
    place: Annotated[str, Field(max_length=100)] = ""
    words: Annotated[str, Field(max_length=500)] = ""
    is_self_handled: bool = False
    component: Annotated[str, Field(pattern=r"^(\d{16})?$")] = ""
    joins: Annotated[str, Field(pattern=r"^(\d{16})?$")] = ""


class IncidentOut(Schema):
    code: str
    title: str
    type_key: str
    type_name: str
    case_number: str
    is_open: bool
    outcome: str
    region_code: str
    grid_code: str
    lon: float | None
    lat: float | None
    org_id: int
    units: list[int]
    reports: int
    opened_at: datetime
    closed_at: datetime | None
    merged_into: str
    score: int | None


class AlikeOut(Schema):
    metres: int
    incident: IncidentOut


class IncidentPage(Schema):
    items: list[IncidentOut]
    next_cursor: str | None
    previous_cursor: str | None


class PointsOut(Schema):
    """A GeoJSON FeatureCollection."""

    type: str
    features: list[dict[str, Any]]


class DispatchIn(Schema):
    step: Step = "dispatch"
    org_ids: Annotated[list[int], Field(min_length=1, max_length=20)]
    whistle: bool = False
    words: Annotated[str, Field(max_length=500)] = ""


class ActIn(Schema):
    """`lon` and `lat`, both or none: where it is done from."""

    step: Step
    choice: Step
    words: Annotated[str, Field(max_length=2000)] = ""
    lon: Lon | None = None
    lat: Lat | None = None


class MergeIn(Schema):
    into: Code


@router.get("/types", response=list[TypeOut], summary="事件、部件类型")
def types(request: HttpRequest) -> Any:
    return [{**_fields(each), "limit": each.limit.text} for each in queries.types().values()]


@router.post("/reports", response={201: Reported}, url_name="incident-report", summary="上报")
def report(
    request: HttpRequest,
    once: Once,
    body: Form[ReportIn],
    photos: File[list[UploadedFile]],
    photos_after: File[list[UploadedFile]] = [],  # noqa: B006
) -> Any:
    """One report with its photos; the same Idempotency-Key again answers with the first."""
    by, now = actor(request), timezone.now()
    new = NewReport(
        **body.dict(),
        photos=_photos.store(photos, by=by, at=now),
        photos_after=_photos.store(photos_after, by=by, at=now),
    )
    return Status(201, actions.report(new=new, key=once, by=by, at=now))


@router.get("/alike", response=list[AlikeOut], url_name="incident-alike", summary="附近的同类事件")
def alike(request: HttpRequest, type_key: TypeKey, lon: Lon, lat: Lat) -> Any:
    """Open incidents that a report of this type here may be one more of, the nearest first."""
    return [{"metres": far, "incident": each} for far, each in queries.similar(type_key, lon, lat, at=timezone.now())]


@router.get("/points", response=PointsOut, summary="地图上的事件（GeoJSON）")
def points(request: HttpRequest, state: State = "open") -> Any:
    return queries.points(actor(request), Filters(state), at=timezone.now())


@router.get("", response=IncidentPage, summary="事件列表")
def listed(
    request: HttpRequest,
    state: State = "open",
    region: Annotated[str, Field(pattern=r"^(\d{12})?$")] = "",
    cursor: str | None = None,
    size: Annotated[int, Field(ge=1, le=100)] = 20,
) -> Any:
    """Incidents that the reader may see, the newest first."""
    page = queries.listed(actor(request), Filters(state, region=region), at=timezone.now(), cursor=cursor, size=size)
    return page.map(lambda row: row.incident)


@router.get("/{code}", response=IncidentOut, summary="一件事件")
def one(request: HttpRequest, code: Code) -> Any:
    return queries.get(code, actor(request))


@router.post("/{code}/dispatch", response=IncidentOut, summary="派遣或吹哨")
def dispatch(request: HttpRequest, code: Code, body: DispatchIn) -> Any:
    return actions.dispatch(code=code, **body.dict(), by=actor(request), at=timezone.now())


@router.post("/{code}/merge", response=IncidentOut, summary="并入已有案卷")
def merge(request: HttpRequest, code: Code, body: MergeIn) -> Any:
    return actions.merge(code=code, into=body.into, by=actor(request), at=timezone.now())


@router.post("/{code}/steps", response=IncidentOut, summary="到场、处置、核查、结案")
def act(
    request: HttpRequest,
    code: Code,
    body: Form[ActIn],
    photos: File[list[UploadedFile]] = [],  # noqa: B006
) -> Any:
    """Take a choice at an open step, with photos and the position it is taken from."""
    by, now = actor(request), timezone.now()
    position = (body.lon, body.lat) if body.lon is not None and body.lat is not None else None
    return actions.act(
        code=code,
        step=body.step,
        choice=body.choice,
        words=body.words,
        position=position,
        photos=_photos.store(photos, by=by, at=now),
        by=by,
        at=now,
    )


def _fields(found: Any) -> dict[str, Any]:
    return {name: getattr(found, name) for name in found.__slots__}
