"""The catalogue as JSON: search, one entry, how it changed; the same entries in the words of DCAT-AP."""

import json
from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Schema
from pydantic import Field

from yiwang.data.catalogue import _dcat, queries
from yiwang.data.catalogue.contracts import (
    Cycle,
    Filter,
    ItemView,
    Opening,
    Origin,
    ResourceRow,
    ResourceView,
    Sharing,
    State,
    Way,
)
from yiwang.kernel.base.http import ApiRouter, actor, answered_in, public_url

router = ApiRouter(tags=["数据目录"], audience="staff")

Code = Annotated[str, Field(min_length=1, max_length=120)]
Cursor = Annotated[str, Field(max_length=400)]
Size = Annotated[int, Field(ge=1, le=200)]


class RowPage(Schema):
    items: list[ResourceRow]
    next_cursor: str | None


class ResourceOut(Schema):
    code: str
    title: str
    summary: str
    org_id: int
    system: str
    sharing: Sharing
    sharing_condition: str
    refusal_basis: str
    ways: list[Way]
    opening: Opening
    opening_condition: str
    update_cycle: Cycle
    contact: str
    phone: str
    keywords: list[str]
    matters: list[str]
    lake_table: str
    state: State
    revision: int
    published_on: date | None
    revised_at: datetime
    items: list[ItemView]


class RevisionOut(Schema):
    number: int
    origin: Origin
    words: list[str]
    recorded_at: datetime
    case_number: str


class RevisionList(Schema):
    items: list[RevisionOut]


@router.get("/resources", response=RowPage, url_name="catalogue-resources", summary="查目录")
def resources(
    request: HttpRequest,
    q: Annotated[str, Field(max_length=60)] = "",
    org: Annotated[int, Field(ge=1, le=2**53)] | None = None,
    sharing: Sharing | None = None,
    opening: Opening | None = None,
    element: Annotated[str, Field(max_length=120)] = "",
    cursor: Cursor | None = None,
    size: Size = 20,
) -> dict[str, Any]:
    wanted = Filter(text=q, org_id=org, sharing=sharing, opening=opening, element_id=element)
    page = queries.listed(actor(request), wanted, cursor=cursor, size=size)
    return {"items": page.items, "next_cursor": page.next_cursor}


@router.get("/resources/{code}", response=ResourceOut, url_name="catalogue-resource", summary="一项信息资源")
def resource(request: HttpRequest, code: Code) -> dict[str, Any]:
    return _resource(queries.get(code, actor(request)))


@router.get(
    "/resources/{code}/revisions",
    response=RevisionList,
    url_name="catalogue-revisions",
    summary="一项信息资源的历次变更",
)
def revisions(request: HttpRequest, code: Code) -> dict[str, Any]:
    return {"items": queries.history(queries.get(code, actor(request)).code)}


@router.get(
    "/dcat",
    url_name="catalogue-dcat",
    summary="在用目录，DCAT-AP 3.0.1 的 JSON-LD 或 Turtle；Link 头指向下一页",
    openapi_extra=answered_in("application/ld+json", "text/turtle"),
)
def dcat(
    request: HttpRequest,
    cursor: Cursor | None = None,
    size: Size = 200,
    format: Literal["json-ld", "turtle"] = "json-ld",  # noqa: A002 - the name in the address
) -> HttpResponse:
    base = public_url(request)
    found, following = queries.dcat(actor(request), base=base, cursor=cursor, size=size)
    if format == "turtle":
        answer = HttpResponse(_dcat.turtle(found), content_type="text/turtle; charset=utf-8")
    else:
        answer = HttpResponse(json.dumps(found, ensure_ascii=False), content_type="application/ld+json; charset=utf-8")
    if following:
        answer["Link"] = f'<{base}/api/catalogue/dcat?cursor={following}&size={size}&format={format}>; rel="next"'
    return answer


def _resource(found: ResourceView) -> dict[str, Any]:
    said = found.content
    return {
        "code": found.code, "title": found.title, "summary": said.summary, "org_id": found.org_id, "system": said.system,
        "sharing": found.sharing, "sharing_condition": said.sharing_condition, "refusal_basis": said.refusal_basis,
        "ways": said.ways, "opening": found.opening, "opening_condition": said.opening_condition,
        "update_cycle": found.update_cycle, "contact": said.contact, "phone": said.phone, "keywords": said.keywords,
        "matters": said.matters, "lake_table": found.lake_table, "state": found.state, "revision": found.revision,
        "published_on": found.published_on, "revised_at": found.revised_at, "items": found.items,
    }  # fmt: skip
