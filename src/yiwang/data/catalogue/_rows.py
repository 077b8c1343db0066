"""Resources between tables and contracts."""

from collections.abc import Iterable, Mapping
from typing import Any

from yiwang.data.catalogue import _content
from yiwang.data.catalogue._finding import Found
from yiwang.data.catalogue.contracts import (
    Content,
    Cycle,
    Opening,
    Origin,
    ResourceRow,
    ResourceView,
    Sharing,
    State,
)
from yiwang.data.catalogue.models import Item, Resource

PLAIN = (
    "title", "summary", "sharing_condition", "refusal_basis", "opening_condition", "contact", "phone", "lake_table",
    "shape", "sharing", "opening", "update_cycle", "grade", "ways", "keywords", "matters",
)  # fmt: skip


def columns(code: str, content: Content, system_id: int | None) -> dict[str, Any]:
    """What the table keeps of a content, and what lists and search need of it."""
    stored = _content.as_json(content)
    kept = {name: stored[name] for name in PLAIN}
    counted = {"item_count": len(content.items), "weight": len(content.title), "words": _content.words(code, content)}
    return {**kept, **counted, "system_id": system_id}


def items(resource_id: int, content: Content) -> list[Item]:
    return [
        Item(
            resource_id=resource_id,
            position=position,
            name=item.name,
            title=item.title,
            element_id=item.element_id,
            type=item.type,
            length=item.length,
            is_key=item.is_key,
            sensitivity=item.sensitivity,
            note=item.note,
        )
        for position, item in enumerate(content.items)
    ]


def content(resource: Resource, rows: Iterable[Item]) -> Content:
    listed = [
        {
            "name": row.name,
            "title": row.title,
            "element_id": row.element_id,
            "type": row.type,
            "length": row.length,
            "is_key": row.is_key,
            "sensitivity": row.sensitivity,
            "note": row.note,
        }
        for row in rows
    ]
    stored = {name: getattr(resource, name) for name in PLAIN}
    system = resource.system.code if resource.system else ""
    return _content.from_json({**stored, "system": system, "items": listed})


def view(resource: Resource, rows: Iterable[Item]) -> ResourceView:
    """`resource` with its system joined."""
    said = content(resource, rows)
    return ResourceView(
        id=resource.pk,
        code=resource.code,
        title=resource.title,
        org_id=resource.org_id,
        items=said.items,
        update_cycle=said.update_cycle,
        sharing=said.sharing,
        opening=said.opening,
        lake_table=resource.lake_table,
        content=said,
        state=State(resource.state),
        revision=resource.revision,
        origin=Origin(resource.origin),
        published_on=resource.published_on,
        revised_at=resource.revised_at,
        retired_at=resource.retired_at,
        retired_because=resource.retired_because,
    )


def row(resource: Resource | Found, names: Mapping[int, str]) -> ResourceRow:
    return ResourceRow(
        code=resource.code,
        title=resource.title,
        org_id=resource.org_id,
        org_name=names[resource.org_id],
        sharing=Sharing(resource.sharing),
        opening=Opening(resource.opening),
        update_cycle=Cycle(resource.update_cycle),
        state=State(resource.state),
        items=resource.item_count,
        lake_table=resource.lake_table,
    )
