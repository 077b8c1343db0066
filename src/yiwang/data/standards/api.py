"""The data standard as JSON: elements, items of standards, code lists as of a day."""

from dataclasses import asdict
from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Schema
from pydantic import Field

from yiwang.data.standards import queries
from yiwang.data.standards.contracts import (
    VIEW,
    CodeListView,
    ItemView,
    MappingView,
)
from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Denied
from yiwang.kernel.base.http import ApiRouter, actor

router = ApiRouter(tags=["数据标准"], audience="staff")

Words = Annotated[str, Field(max_length=60)]
Name = Annotated[str, Field(max_length=120)]
Cursor = Annotated[str, Field(max_length=600)]


class ElementOut(Schema):
    id: str
    title: str
    type: str
    length: int | None
    unit: str
    code_list: str
    sensitivity: str
    authority: str
    gb_identifier: str


class ElementPage(Schema):
    items: list[ElementOut]
    next_cursor: str | None


class UsageOut(Schema):
    kind: str
    id: str
    title: str


class OneElementOut(ElementOut):
    """`answered_by` is the unit that is the source of it, where the catalogue names one."""

    answered_by: str
    mappings: list[MappingView]
    used_by: list[UsageOut]


class ItemPage(Schema):
    items: list[ItemView]
    next_cursor: str | None


@router.get("/elements", response=ElementPage, summary="数据元")
def elements(request: HttpRequest, q: Words = "", cursor: Cursor = "") -> dict[str, Any]:
    """Elements by name, identifier or standard number."""
    _require_viewing(request)
    page = queries.search(q, cursor or None)
    return {"items": page.items, "next_cursor": page.next_cursor}


@router.get("/elements/{element_id}", response=OneElementOut, summary="一个数据元")
def element(request: HttpRequest, element_id: Name) -> dict[str, Any]:
    """One element, who names it, which items it is set beside, who answers for it."""
    _require_viewing(request)
    found = queries.element(element_id)
    answer = queries.answer(element_id)
    return {
        **asdict(queries.row_of(found)),
        "answered_by": answer.unit if answer else "",
        "mappings": queries.mappings(element_id),
        "used_by": queries.used_by(element_id),
    }


@router.get("/items", response=ItemPage, summary="标准条目")
def items(request: HttpRequest, q: Words = "", group: Words = "", cursor: Cursor = "") -> dict[str, Any]:
    """Items of imported standards, as in force."""
    _require_viewing(request)
    page = queries.items(q, group=group, cursor=cursor or None)
    return {"items": page.items, "next_cursor": page.next_cursor}


@router.get("/codes/{list_id}", response=CodeListView, summary="代码集")
def codes(request: HttpRequest, list_id: Name, on: date | None = None) -> CodeListView:
    """A code list as it held on a day."""
    _require_viewing(request)
    return queries.code_list(list_id, on=on)


def _require_viewing(request: HttpRequest) -> None:
    if not access.may_anywhere(actor(request), VIEW):
        raise Denied("您的岗位不能查看数据标准。", hint="请联系本单位负责人确认岗位。")
