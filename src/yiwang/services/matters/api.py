"""Matters as JSON, for anyone: search and one guide."""

from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Schema
from pydantic import Field

from yiwang.kernel.base.http import ApiRouter
from yiwang.services.matters import queries
from yiwang.services.matters.contracts import ImplementationView, Material
from yiwang.services.matters.queries import Filter

router = ApiRouter(tags=["事项"], audience="public")

Words = Annotated[str, Field(max_length=60)]
Cursor = Annotated[str, Field(max_length=600)]


class MatterRowOut(Schema):
    code: str
    name: str
    type: str
    org_name: str
    region_code: str
    promised: str | None
    visits: int | None
    may_apply_online: bool


class MatterPageOut(Schema):
    items: list[MatterRowOut]
    next_cursor: str | None


class MaterialOut(Schema):
    """`is_asked` is false where the government already has it, and `why` says how."""

    key: str
    name: str
    kind: str
    source: str
    is_asked: bool
    requirement: str
    why: str


class MatterOut(Schema):
    """An implementation list as in force today; null means that the list does not say."""

    code: str
    matter_id: str
    version: int
    name: str
    type: str
    org_name: str
    region_code: str
    statutory: str | None
    promised: str | None
    visits: int | None
    channels: list[str]
    conditions: list[str] | None
    materials: list[MaterialOut] | None
    phone: str
    supervision_phone: str
    result: str
    form_id: str
    may_apply_online: bool


@router.get("", response=MatterPageOut)
def search(
    request: HttpRequest, q: Words = "", theme: Words = "", audience: Words = "", cursor: Cursor = ""
) -> dict[str, Any]:
    """Matters in force, the closest names first."""
    wanted = Filter(text=q, theme=theme, audience=audience)
    page = queries.search(wanted, on=timezone.localdate(), cursor=cursor or None)
    items = [
        {
            "code": row.code,
            "name": row.name,
            "type": row.type.value,
            "org_name": row.org_name,
            "region_code": row.region_code,
            "promised": str(row.promised) if row.promised else None,
            "visits": row.visits,
            "may_apply_online": row.may_apply_online,
        }
        for row in page.items
    ]
    return {"items": items, "next_cursor": page.next_cursor}


@router.get("/{code}", response=MatterOut)
def guide(request: HttpRequest, code: Annotated[str, Field(max_length=80)]) -> dict[str, Any]:
    """One matter of one organisation."""
    return _out(queries.by_code(code, on=timezone.localdate()))


def _out(matter: ImplementationView) -> dict[str, Any]:
    return {
        "code": matter.code,
        "matter_id": matter.matter_id,
        "version": matter.version,
        "name": matter.name,
        "type": matter.type.value,
        "org_name": matter.org_name,
        "region_code": matter.region_code,
        "statutory": str(matter.statutory) if matter.statutory else None,
        "promised": str(matter.promised) if matter.promised else None,
        "visits": matter.visits,
        "channels": list(matter.channels),
        "conditions": None if matter.conditions is None else [c.sentence for c in matter.conditions],
        "materials": None if matter.materials is None else [_material(m) for m in matter.materials],
        "phone": matter.consult_phone,
        "supervision_phone": matter.complaint_phone,
        "result": matter.result,
        "form_id": matter.form_id,
        "may_apply_online": matter.may_apply_online,
    }


def _material(material: Material) -> dict[str, Any]:
    return {
        "key": material.key,
        "name": material.name,
        "kind": material.kind,
        "source": material.source.value,
        "is_asked": material.is_asked,
        "requirement": material.requirement,
        "why": material.why,
    }
