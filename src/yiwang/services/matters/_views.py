"""Rows of the database as the contracts other apps see."""

from dataclasses import fields
from typing import Any

from yiwang.kernel.orgs.contracts import OrgView
from yiwang.kernel.workdays.contracts import Limit
from yiwang.services.matters import _content
from yiwang.services.matters.contracts import (
    Content,
    ImplementationRow,
    ImplementationView,
    MatterType,
    Origin,
    VersionRow,
)
from yiwang.services.matters.models import ImplementationVersion

_CONTENT = tuple(field.name for field in fields(Content))


def view(version: ImplementationVersion, org: OrgView | None) -> ImplementationView:
    """`version` comes with its implementation (select_related)."""
    item = version.implementation
    content = _content.read(version.content)
    values: dict[str, Any] = {name: getattr(content, name) for name in _CONTENT}
    return ImplementationView(
        **values,
        id=item.pk,
        version_id=version.pk,
        version=version.version,
        matter_id=item.matter_id,
        code=item.code,
        org_id=item.organisation_id,
        org_name=org.name if org else item.body_name,
        region_code=item.region_code,
        origin=Origin(version.origin),
        effective_from=version.effective.lower,
        effective_to=version.effective.upper,
        org_phone=org.phone if org else "",
        org_supervision_phone=org.supervision_phone if org else "",
        org_short_name=org.short_name if org else "",
        org_address=org.address if org else "",
        lon=org.lon if org else None,
        lat=org.lat if org else None,
    )


def row(version: ImplementationVersion, orgs: dict[int, OrgView]) -> ImplementationRow:
    item = version.implementation
    org = orgs.get(item.organisation_id or 0)
    return ImplementationRow(
        id=item.pk,
        code=item.code,
        name=version.name,
        name_en=version.name_en,
        type=MatterType(version.matter_type),
        org_id=item.organisation_id,
        org_name=org.name if org else item.body_name,
        region_code=item.region_code,
        promised=Limit.parse(version.promised) if version.promised else None,
        visits=version.visits,
        may_apply_online=version.is_online,
    )


def history(versions: list[ImplementationVersion]) -> list[VersionRow]:
    """Newest first, each with the names of the fields that differ from the one before."""
    rows, before = [], None
    for version in versions:
        now = _content.read(version.content)
        changed = tuple(name for name in _CONTENT if before and getattr(now, name) != getattr(before, name))
        period = version.effective
        lower, upper = (None, None) if period.isempty else (period.lower, period.upper)
        rows.append(VersionRow(version.version, Origin(version.origin), lower, upper, changed))
        before = now
    return rows[::-1]
