"""Registries as JSON: what was taken in, files for a purpose, objections; for followers what changed."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Schema
from pydantic import Field

from yiwang.data.registries import actions, queries
from yiwang.data.registries.contracts import FOLLOW, OPEN, VIEW, ChangeView, FileView, NotForThisPost, Quality
from yiwang.kernel.access import queries as access
from yiwang.kernel.base.http import ApiRouter, actor

router = ApiRouter(tags=["基础库"], audience="staff")
followers = ApiRouter(tags=["基础库订阅"], audience="machine")

Name = Annotated[str, Field(min_length=1, max_length=120)]
Key = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Cursor = Annotated[str, Field(max_length=400)]


class RegistryOut(Schema):
    """`of`: whose files it keeps. `table`: what feeds it from the lake, empty where its register hands over directly."""

    id: str
    title: str
    of: str
    called: str
    table: str


class RegistryList(Schema):
    items: list[RegistryOut]


class IntakeOut(Schema):
    id: int
    table: str
    snapshot: int | None
    case_number: str
    read: int
    added: int
    changed: int
    kept: int
    gone: int
    unkeyed: int
    twice: int
    is_done: bool
    taken_at: datetime


class IntakePage(Schema):
    items: list[IntakeOut]
    next_cursor: str | None


class SearchIn(Schema):
    """The whole number, or the name and the registry's second column."""

    number: Annotated[str, Field(max_length=40)] = ""
    name: Annotated[str, Field(max_length=120)] = ""
    narrow: Annotated[str, Field(max_length=120)] = ""


class FoundOut(Schema):
    """Masked."""

    key: str
    shown: Mapping[str, str]


class FoundList(Schema):
    items: list[FoundOut]


class OpenIn(Schema):
    """Why the file is opened; its subject sees it. `as_of`: as it stood on a day; `known_at`: as it was known then."""

    purpose: Annotated[str, Field(min_length=2, max_length=60)]
    case_number: Annotated[str, Field(max_length=40)] = ""
    as_of: date | None = None
    known_at: datetime | None = None


class ValueOut(Schema):
    name: str
    title: str
    element_id: str
    value: str
    source: str
    source_title: str
    since: date
    recorded_at: datetime | None
    snapshot: int | None
    is_corrected: bool
    quality: Quality | None


class FileOut(Schema):
    registry: str
    key: str
    of: str
    is_here: bool
    fresh_at: datetime | None
    values: list[ValueOut]


class ObjectIn(Schema):
    column: Annotated[str, Field(min_length=1, max_length=60)]
    claimed: Annotated[str, Field(min_length=1, max_length=200)]
    words: Annotated[str, Field(max_length=300)] = ""


class ObjectionOut(Schema):
    id: int


class ChangeList(Schema):
    items: list[ChangeView]


@router.get("", response=RegistryList, url_name="registries", summary="基础库")
def registries(request: HttpRequest) -> dict[str, Any]:
    _require(request, VIEW)
    return {"items": [each for each in queries.registries() if each.of]}


@router.get("/{registry}/intakes", response=IntakePage, url_name="registry-intakes", summary="入库情况")
def intakes(request: HttpRequest, registry: Name, cursor: Cursor | None = None) -> dict[str, Any]:
    _require(request, VIEW)
    page = queries.intakes(registry, cursor)
    return {"items": page.items, "next_cursor": page.next_cursor}


@router.post("/{registry}/search", response=FoundList, url_name="registry-search", summary="按完整号码查档案（遮盖）")
def search(request: HttpRequest, registry: Name, body: SearchIn) -> dict[str, Any]:
    _require(request, OPEN)
    return {"items": queries.search(queries.keeping(registry).id, **body.dict(), by=actor(request))}


@router.post("/{registry}/files/{key}", response=FileOut, url_name="registry-file", summary="为一个用途打开档案")
def file(request: HttpRequest, registry: Name, key: Key, body: OpenIn) -> FileView:
    return actions.open_file(registry=registry, key=key, **body.dict(), by=actor(request), at=timezone.now())


@router.post(
    "/{registry}/files/{key}/objections",
    response=ObjectionOut,
    url_name="registry-objection",
    summary="对一项内容提出异议",
)
def objection(request: HttpRequest, registry: Name, key: Key, body: ObjectIn) -> dict[str, int]:
    said = actions.object_to_value(registry=registry, key=key, **body.dict(), by=actor(request), at=timezone.now())
    return {"id": said.id}


@followers.get(
    "/{registry}/changes",
    response=ChangeList,
    url_name="registry-changes",
    summary="一个变更号之后变化的条目（只有键，没有内容）",
)
def changes(
    request: HttpRequest,
    registry: Name,
    after: Annotated[int, Field(ge=0, le=2**62)] = 0,
    limit: Annotated[int, Field(ge=1, le=1000)] = 200,
) -> dict[str, Any]:
    _require(request, FOLLOW)
    return {"items": queries.changes(registry, after, limit=limit, by=actor(request))}


@followers.post(
    "/{registry}/followed/{key}", response=FileOut, url_name="registry-followed", summary="订阅系统为一个用途读一份档案"
)
def followed(request: HttpRequest, registry: Name, key: Key, body: OpenIn) -> FileView:
    return actions.open_file(registry=registry, key=key, **body.dict(), by=actor(request), at=timezone.now())


def _require(request: HttpRequest, permission: str) -> None:
    if not access.may_anywhere(actor(request), permission):
        raise NotForThisPost("没有这项权限。", hint="请联系数据管理员。")
