"""A resident's own pages as JSON."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Schema
from pydantic import Field

from yiwang.kernel.base.http import ApiRouter, actor
from yiwang.portal.citizen import _uses

data_use = ApiRouter(tags=["谁用过我的数据"], audience="applicant")


class UseOut(Schema):
    """One use of the reader's data."""

    id: int
    who: str
    what: list[str]
    purpose: str
    authority: str
    case_number: str
    at: datetime
    is_own: bool


class UsesOut(Schema):
    items: list[UseOut]
    next_cursor: str | None
    previous_cursor: str | None


class UseProofOut(Schema):
    """`proof` is null until the record has its number; `opening` inside it belongs to the reader alone."""

    use: UseOut
    proof: dict[str, Any] | None
    expected: dict[str, Any]


@data_use.get("", response=UsesOut, summary="谁用过我的数据")
def uses(request: HttpRequest, cursor: str | None = None) -> Any:
    """Newest first."""
    return _uses.uses(actor(request), cursor=cursor)


@data_use.get("/{use_id}", response=UseProofOut, summary="一次使用及其证明")
def use(request: HttpRequest, use_id: Annotated[int, Field(ge=1, lt=2**62)]) -> dict[str, Any]:
    """One use and its opened proof."""
    found, proof, expected = _uses.use(actor(request), use_id)
    return {"use": found, "proof": proof, "expected": expected}
