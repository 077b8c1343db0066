"""Quality as JSON: how resources stand, reports, trends, problems and objections."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Schema
from pydantic import Field

from yiwang.data.quality import _charts, actions, queries
from yiwang.data.quality.contracts import Dimension, NewObjection, ProblemView, ReportView, StandingView
from yiwang.kernel.base.http import ApiRouter, actor

router = ApiRouter(tags=["数据质量"], audience="staff")

Code = Annotated[str, Field(min_length=1, max_length=120)]
Cursor = Annotated[str, Field(max_length=400)]
Id = Annotated[int, Field(ge=1, le=2**53)]


class FindingOut(Schema):
    id: int
    code: str
    sentence: str
    trait: str
    dimension: Dimension
    columns: list[str]
    weight: int
    judged: int
    failed: int
    rate: Decimal | None


class ReportOut(Schema):
    """`score` and `dimensions` are 0 to 100; null and absent where nothing was judged. `row_scores`: tens to rows."""

    id: int
    resource: str
    title: str
    org_id: int
    snapshot: int
    rows: int
    faulty_rows: int
    score: Decimal | None
    dimensions: dict[Dimension, Decimal]
    row_scores: dict[int, int]
    as_of: date
    inspected_at: datetime
    findings: list[FindingOut]
    left_out: list[list[str]]


class StandingOut(Schema):
    resource: str
    title: str
    org_id: int
    org_name: str
    report_id: int
    score: Decimal | None
    rows: int
    faulty_rows: int
    problems: int


class StandingPage(Schema):
    items: list[StandingOut]
    next_cursor: str | None


class ProblemOut(Schema):
    id: int
    resource: str
    title: str
    rule: str
    sentence: str
    org_id: int
    case_number: str
    step: str
    rows: int
    rows_now: int
    raised_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    outcome: str


class ProblemPage(Schema):
    items: list[ProblemOut]
    next_cursor: str | None


class RowOut(Schema):
    """Personal values are masked."""

    place: int
    values: dict[str, str]


class RowPage(Schema):
    items: list[RowOut]
    next_cursor: str | None


class PointOut(Schema):
    day: date
    score: Decimal
    faulty_rows: int
    resources: int


class TrendOut(Schema):
    items: list[PointOut]


class ObjectionIn(Schema):
    item: Annotated[str, Field(min_length=1, max_length=80)]
    key: Annotated[str, Field(min_length=1, max_length=120)]
    claimed: Annotated[str, Field(min_length=1, max_length=200)]
    held: Annotated[str, Field(max_length=200)] = ""
    words: Annotated[str, Field(max_length=370)] = ""


class ObjectionOut(Schema):
    id: int


@router.get("/resources", response=StandingPage, url_name="quality-resources", summary="各资源的质量，最差的在前")
def resources(request: HttpRequest, org: Id | None = None, cursor: Cursor | None = None) -> dict[str, Any]:
    page = queries.worst(actor(request), cursor, org_id=org)
    return {"items": [_standing(one) for one in page.items], "next_cursor": page.next_cursor}


@router.get("/resources/{code}", response=ReportOut, url_name="quality-resource", summary="一项资源最近的质量报告")
def resource(request: HttpRequest, code: Code) -> ReportView:
    return queries.latest(code, actor(request))


@router.get("/resources/{code}/trend", response=TrendOut, url_name="quality-trend", summary="一项资源的得分趋势")
def trend(request: HttpRequest, code: Code) -> dict[str, Any]:
    since, until = _charts.window(timezone.localdate())
    return {"items": queries.trend(actor(request), resource=code, since=since, until=until)}


@router.post(
    "/resources/{code}/objections", response=ObjectionOut, url_name="quality-objection", summary="对一条数据提出异议"
)
def objection(request: HttpRequest, code: Code, body: ObjectionIn) -> dict[str, int]:
    said = actions.object_to(new=NewObjection(resource=code, **body.dict()), by=actor(request), at=timezone.now())
    return {"id": said.id}


@router.get("/reports/{report_id}", response=ReportOut, url_name="quality-report", summary="一份质量报告")
def report(request: HttpRequest, report_id: Id) -> ReportView:
    return queries.report(report_id, actor(request))


@router.get(
    "/findings/{finding_id}/rows", response=RowPage, url_name="quality-rows", summary="不符合一条规则的行（遮盖）"
)
def rows(request: HttpRequest, finding_id: Id, cursor: Cursor | None = None) -> dict[str, Any]:
    page = queries.failing(finding_id, actor(request), cursor)
    return {
        "items": [{"place": row.place, "values": dict(row.values)} for row in page.items],
        "next_cursor": page.next_cursor,
    }


@router.get("/problems", response=ProblemPage, url_name="quality-problems", summary="退回数源单位的问题数据")
def problems(
    request: HttpRequest, org: Id | None = None, is_open: bool = True, cursor: Cursor | None = None
) -> dict[str, Any]:
    page = queries.problems(actor(request), cursor, org_id=org, is_open=is_open)
    return {"items": page.items, "next_cursor": page.next_cursor}


@router.get("/problems/{problem_id}", response=ProblemOut, url_name="quality-problem", summary="一件问题数据")
def problem(request: HttpRequest, problem_id: Id) -> ProblemView:
    return queries.problem(problem_id, actor(request))


def _standing(one: StandingView) -> dict[str, Any]:
    return {
        "resource": one.resource, "title": one.title, "org_id": one.org_id, "org_name": one.org_name,
        "report_id": one.report.id, "score": one.report.score, "rows": one.report.rows,
        "faulty_rows": one.report.faulty_rows, "problems": one.problems,
    }  # fmt: skip
