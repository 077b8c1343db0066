"""Codes as JSON: for holders, and for scanners (staff or machines whose post a scene names)."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Schema
from pydantic import Field

from yiwang.kernel.base.http import ApiRouter, actor, assurance
from yiwang.support.codes import _scanning, actions, queries
from yiwang.support.codes._code import CodeKind
from yiwang.support.codes.contracts import Holder, LearnedView, OfflineScan, Outcome, ScanView, Seen, Shown

own = ApiRouter(tags=["我的码"], audience="applicant")
router = ApiRouter(tags=["扫码"], audience="signed-in")

# Longer than any code, so that the refusal can say why.
Text = Annotated[str, Field(max_length=4000)]


class SceneOut(Schema):
    id: str
    title: str
    purpose: str
    mode: str
    holders: list[int]
    learns: list[LearnedView]
    is_once: bool
    keep_days: int
    level: int


class ScanIn(Schema):
    scene: Annotated[str, Field(max_length=120)]
    text: Text


class OfflineIn(Schema):
    """`key` is the gate's own number of the scan; the same again is the same scan."""

    key: Annotated[str, Field(min_length=1, max_length=64)]
    text: Text
    scanned_at: datetime


class BatchIn(Schema):
    scene: Annotated[str, Field(max_length=120)]
    scans: Annotated[list[OfflineIn], Field(min_length=1, max_length=_scanning.BATCH_MAX)]


class ScansOut(Schema):
    items: list[ScanView]
    next_cursor: str | None
    previous_cursor: str | None


@own.get("/my/code", response=Shown, summary="A fresh code of one's own, or of a firm")
def show(request: HttpRequest, mandate: Annotated[int | None, Field(ge=1, lt=2**62)] = None) -> Any:
    """With `mandate`: the code of the firm that gave it."""
    holder = Holder(CodeKind.FIRM if mandate else CodeKind.PERSON, mandate)
    return actions.show(subject=holder, level=assurance(request), by=actor(request), at=timezone.now())


@own.get("/my/code/scans", response=ScansOut, summary="Who scanned one's code")
def scans(request: HttpRequest, cursor: str | None = None) -> Any:
    """Newest first."""
    return queries.scans_of(actor(request), cursor=cursor)


@router.get("/codes/scenes", response=list[SceneOut], summary="The scenes in which one may scan")
def scenes(request: HttpRequest) -> Any:
    return queries.scenes_for(actor(request))


@router.post("/codes/scans", response=Seen, summary="Scan a code", url_name="scan_code")
def scan(request: HttpRequest, body: ScanIn) -> Any:
    """Tells what the scene declares; the holder sees it in their own list."""
    return actions.scan(text=body.text, scene_id=body.scene, by=actor(request), at=timezone.now())


@router.post("/codes/scans/batch", response=list[Outcome], summary="Hand in what a gate scanned without a network")
def take(request: HttpRequest, body: BatchIn) -> Any:
    """At most 500; each is taken once by its key, and each has its own outcome."""
    given = [OfflineScan(each.key, each.text, each.scanned_at) for each in body.scans]
    return actions.take_scans(scene_id=body.scene, scans=given, by=actor(request), at=timezone.now())
