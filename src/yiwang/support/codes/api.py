"""Codes as JSON: for holders, and for scanners (staff or machines whose post a scene names)."""

from datetime import date, datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Schema
from pydantic import Field

from yiwang.kernel.base.http import ApiRouter, actor, assurance
from yiwang.support.codes import _scanning, actions, queries
from yiwang.support.codes._code import CodeKind
from yiwang.support.codes.contracts import Holder, OfflineScan

own = ApiRouter(tags=["我的码"], audience="applicant")
router = ApiRouter(tags=["扫码"], audience="signed-in")

# Longer than any code, so that the refusal can say why.
Text = Annotated[str, Field(max_length=4000)]


class ShownOut(Schema):
    """A code for a screen; `picture` is an SVG."""

    kind: int
    text: str
    picture: str
    shown_at: datetime
    until: datetime
    refresh_seconds: int


class LearnedOut(Schema):
    name: str
    title: str


class SceneOut(Schema):
    id: str
    title: str
    purpose: str
    mode: str
    holders: list[int]
    learns: list[LearnedOut]
    is_once: bool
    keep_days: int
    level: int


class SeenValueOut(Schema):
    name: str
    title: str
    value: str | bool
    said: str


class SeenOut(Schema):
    """The declared values and nothing else; `fills` are the fields of a form."""

    scan_id: int
    scene_id: str
    kind: int
    values: list[SeenValueOut]
    fills: dict[str, str]
    at: datetime


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


class OutcomeOut(Schema):
    key: str
    is_taken: bool
    code: str
    said: str


class ScanOut(Schema):
    id: int
    scene: str
    purpose: str
    org_id: int
    learned: list[str]
    is_offline: bool
    at: datetime
    until: date


class ScansOut(Schema):
    items: list[ScanOut]
    next_cursor: str | None
    previous_cursor: str | None


@own.get("/my/code", response=ShownOut, summary="A fresh code of one's own, or of a firm")
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


@router.post("/codes/scans", response=SeenOut, summary="Scan a code", url_name="scan_code")
def scan(request: HttpRequest, body: ScanIn) -> Any:
    """Tells what the scene declares; the holder sees it in their own list."""
    return actions.scan(text=body.text, scene_id=body.scene, by=actor(request), at=timezone.now())


@router.post("/codes/scans/batch", response=list[OutcomeOut], summary="Hand in what a gate scanned without a network")
def take(request: HttpRequest, body: BatchIn) -> Any:
    """At most 500; each is taken once by its key, and each has its own outcome."""
    given = [OfflineScan(each.key, each.text, each.scanned_at) for each in body.scans]
    return actions.take_scans(scene_id=body.scene, scans=given, by=actor(request), at=timezone.now())
