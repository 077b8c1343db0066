"""Ingest as JSON: sources, batches, what was set aside (masked), and the word on a held batch."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Schema
from pydantic import Field

from yiwang.data.ingest import actions, queries
from yiwang.data.ingest.contracts import BatchView, Format, Reach, Stage, State
from yiwang.kernel.base.http import ApiRouter, actor

router = ApiRouter(tags=["数据汇聚"], audience="staff")

Id = Annotated[int, Field(ge=1, le=2**53)]
Cursor = Annotated[str, Field(max_length=400)]
SourceId = Annotated[str, Field(max_length=120)]


class BatchOut(Schema):
    """`read` is `taken` and `quarantined` and `duplicate`; of the taken, `standard` became typed and `unfit` did not."""

    id: int
    source_id: str
    resource: str
    state: State
    encoding: str
    read: int
    taken: int
    quarantined: int
    duplicate: int
    standard: int
    unfit: int
    progress: int
    reasons: Mapping[str, int]
    new: Sequence[str]
    missing: Sequence[str]
    renamed: Mapping[str, str]
    retyped: Mapping[str, str]
    words: str
    attempts: int
    began_at: datetime
    ended_at: datetime | None


class BatchPage(Schema):
    items: list[BatchOut]
    next_cursor: str | None


class FeedOut(Schema):
    """How far a source's changes have been taken in, and how many bytes of log it kept for us when we last looked."""

    position: str
    behind: int
    looked_at: datetime | None


class SourceOut(Schema):
    id: str
    title: str
    resource: str
    resource_title: str
    org_id: int | None
    org_name: str
    format: Format
    columns: int
    reach: Reach | None
    every: int
    watermark: str
    last_batch: BatchOut | None
    feed: FeedOut | None


class SourceList(Schema):
    items: list[SourceOut]


class QuarantineOut(Schema):
    """`content` is masked."""

    id: int
    stage: Stage
    line: int
    column: str
    reason: str
    words: str
    content: str


class QuarantinePage(Schema):
    items: list[QuarantineOut]
    next_cursor: str | None


class DecisionIn(Schema):
    go_on: bool


@router.get("/sources", response=SourceList, url_name="ingest-sources", summary="数据源和各自最近的一批")
def sources(request: HttpRequest) -> dict[str, Any]:
    rows = queries.sources_seen(actor(request))
    return {
        "items": [
            {
                "id": row.source.id, "title": row.source.title, "resource": row.source.resource,
                "resource_title": row.resource_title, "org_id": row.org_id, "org_name": row.org_name,
                "format": row.source.format, "columns": row.source.columns, "reach": row.source.reach,
                "every": row.source.every, "watermark": row.source.watermark,
                "last_batch": _batch(row.last) if row.last else None, "feed": row.feed,
            }
            for row in rows
        ]
    }  # fmt: skip


@router.get("/batches", response=BatchPage, url_name="ingest-batches", summary="批次，最近的在前")
def batches(request: HttpRequest, source: SourceId = "", cursor: Cursor | None = None) -> dict[str, Any]:
    page = queries.batches_seen(actor(request), source_id=source, cursor=cursor)
    return {"items": [_batch(each) for each in page.items], "next_cursor": page.next_cursor}


@router.get("/batches/{batch_id}", response=BatchOut, url_name="ingest-batch", summary="一批：进度、数目、列的变化")
def batch(request: HttpRequest, batch_id: Id) -> dict[str, Any]:
    return _batch(queries.batch_seen(batch_id, actor(request)))


@router.get(
    "/batches/{batch_id}/quarantine", response=QuarantinePage, url_name="ingest-quarantine", summary="隔离的行（遮盖）"
)
def quarantine(request: HttpRequest, batch_id: Id, cursor: Cursor | None = None) -> dict[str, Any]:
    page = queries.quarantine_seen(batch_id, actor(request), cursor)
    return {"items": page.items, "next_cursor": page.next_cursor}


@router.post(
    "/batches/{batch_id}/decision", response=BatchOut, url_name="ingest-decide", summary="放行或退回等待处理的一批"
)
def decide(request: HttpRequest, batch_id: Id, body: DecisionIn) -> dict[str, Any]:
    by = actor(request)
    return _batch(actions.decide(batch_id=batch_id, go_on=body.go_on, by=by, at=timezone.now()))


def _batch(found: BatchView) -> dict[str, Any]:
    names = (name for name in BatchOut.model_fields if hasattr(found, name))
    drift = found.drift
    return {name: getattr(found, name) for name in names} | {
        "new": drift.new, "missing": drift.missing, "renamed": drift.renamed, "retyped": drift.retyped,
    }  # fmt: skip
