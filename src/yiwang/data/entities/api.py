"""Entities as JSON: models, runs, pairs that wait for a person, one opened for its purpose, the judgement."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Schema
from pydantic import Field

from yiwang.data.entities import actions, queries
from yiwang.data.entities.contracts import PairView, RunView, Verdict
from yiwang.kernel.base.http import ApiRouter, actor

router = ApiRouter(tags=["实体归一"], audience="staff")

Id = Annotated[int, Field(ge=1, le=2**53)]
Cursor = Annotated[str, Field(max_length=400)]
ModelId = Annotated[str, Field(max_length=120)]


class ModelOut(Schema):
    id: str
    title: str
    sources: Mapping[str, str]


class ModelList(Schema):
    items: list[ModelOut]


class EntityRunPage(Schema):
    items: list[RunView]
    next_cursor: str | None


class EvidenceOut(Schema):
    """`bits` above zero speak for the same one, below zero against."""

    title: str
    level: str
    bits: float


class PairRowOut(Schema):
    """A value of both records, in the order of the sources."""

    role: str
    values: tuple[str, str]


class PairOut(Schema):
    """Values are masked unless the pair was opened."""

    id: int
    model: str
    bits: float
    verdict: Verdict
    sources: tuple[str, str]
    rows: list[PairRowOut]
    evidence: list[EvidenceOut]
    judged_at: datetime | None


class PairPage(Schema):
    items: list[PairOut]
    next_cursor: str | None


class JudgementIn(Schema):
    verdict: Literal["same", "different", "later"]


@router.get("/models", response=ModelList, url_name="entities-models", summary="归一模型和各自的来源")
def models(request: HttpRequest) -> dict[str, Any]:
    queries.require_view(actor(request))
    titles = queries.titles()
    return {"items": [{"id": name, "title": title, "sources": titles[name][1]} for name, title in queries.models()]}


@router.get("/runs", response=EntityRunPage, url_name="entities-runs", summary="归一的运行，最近的在前")
def runs(request: HttpRequest, cursor: Cursor | None = None) -> dict[str, Any]:
    page = queries.runs(actor(request), cursor)
    return {"items": page.items, "next_cursor": page.next_cursor}


@router.get("/pairs", response=PairPage, url_name="entities-pairs", summary="成对的记录，证据最多的在前（遮盖）")
def pairs(
    request: HttpRequest, verdict: Verdict = Verdict.WAITING, model: ModelId = "", cursor: Cursor | None = None
) -> dict[str, Any]:
    page = queries.pairs(actor(request), verdict, cursor, model_id=model or None)
    return {"items": [_pair(each) for each in page.items], "next_cursor": page.next_cursor}


@router.get("/pairs/{pair_id}", response=PairOut, url_name="entities-pair", summary="一对记录（遮盖）")
def pair(request: HttpRequest, pair_id: Id) -> dict[str, Any]:
    return _pair(queries.pair(pair_id, actor(request)))


@router.post(
    "/pairs/{pair_id}/opened", response=PairOut, url_name="entities-pair-opened", summary="为判断打开一对记录（留痕）"
)
def opened(request: HttpRequest, pair_id: Id) -> dict[str, Any]:
    return _pair(actions.open_pair(pair_id=pair_id, by=actor(request), at=timezone.now()))


@router.post(
    "/pairs/{pair_id}/verdict",
    response=PairOut,
    url_name="entities-pair-verdict",
    summary="判断：同一个、不同、以后再定",
)
def judge(request: HttpRequest, pair_id: Id, body: JudgementIn) -> dict[str, Any]:
    by = actor(request)
    return _pair(actions.judge(pair_id=pair_id, verdict=Verdict(body.verdict), by=by, at=timezone.now()))


def _pair(found: PairView) -> dict[str, Any]:
    return {
        "id": found.id, "model": found.model, "bits": found.bits, "verdict": found.verdict, "sources": found.sources,
        "rows": [{"role": role, "values": (one, other)} for role, one, other in found.values],
        "evidence": found.evidence, "judged_at": found.judged_at,
    }  # fmt: skip
