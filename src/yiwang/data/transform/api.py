"""Transformations, runs and lineage as JSON, a run as OpenLineage too."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Schema
from pydantic import Field

from yiwang.data.transform import queries
from yiwang.data.transform.contracts import Lineage, RunView, TransformationView
from yiwang.kernel.base.http import ApiRouter, actor

router = ApiRouter(tags=["治理加工"], audience="staff")

Id = Annotated[int, Field(ge=1, le=2**53)]
Cursor = Annotated[str, Field(max_length=400)]
Name = Annotated[str, Field(min_length=1, max_length=140)]


class TransformationList(Schema):
    items: list[TransformationView]


class RunPage(Schema):
    items: list[RunView]
    next_cursor: str | None


@router.get("", response=TransformationList, url_name="transform-list", summary="治理加工，按执行次序")
def transformations(request: HttpRequest) -> dict[str, Any]:
    queries.require_viewing(actor(request))
    return {"items": queries.ordered()}


@router.get("/runs", response=RunPage, url_name="transform-runs", summary="执行情况，最近的在前")
def runs(request: HttpRequest, transformation: str = "", cursor: Cursor | None = None) -> dict[str, Any]:
    queries.require_viewing(actor(request))
    page = queries.runs(transformation_id=transformation[:120], cursor=cursor)
    return {"items": page.items, "next_cursor": page.next_cursor}


@router.get("/runs/{run_id}", response=RunView, url_name="transform-run", summary="一次执行")
def run(request: HttpRequest, run_id: Id) -> RunView:
    queries.require_viewing(actor(request))
    return queries.run(run_id)


@router.get(
    "/runs/{run_id}/openlineage",
    response=dict[str, Any],
    url_name="transform-openlineage",
    summary="一次执行的 OpenLineage 事件",
)
def openlineage(request: HttpRequest, run_id: Id) -> dict[str, Any]:
    queries.require_viewing(actor(request))
    return queries.openlineage(run_id)


@router.get("/lineage", response=Lineage, url_name="transform-lineage", summary="一张表或一列的血缘")
def lineage(request: HttpRequest, table: Name, column: Name | None = None) -> Any:
    queries.require_viewing(actor(request))
    return queries.lineage(table, column)
