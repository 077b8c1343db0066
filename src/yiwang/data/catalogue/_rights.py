"""Who answers for the catalogue of a place, and which entries somebody may see."""

from typing import Any

from django.db.models import BooleanField, Q
from django.db.models.expressions import RawSQL

from yiwang.data.catalogue.contracts import EDIT, GOVERN, VIEW, Sharing, State
from yiwang.data.catalogue.kinds import POLICY, CataloguePolicy
from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor, ActorKind
from yiwang.kernel.base.texts import placed
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.orgs.contracts import NobodyHandles, OrgView
from yiwang.kernel.packs import queries as packs

_SHARED = f"catalogue_resource.sharing <> '{Sharing.REFUSED}' AND catalogue_resource.state <> '{State.DRAFT}'"
_OWN = f"catalogue_resource.org_id IN ({orgs.IDS_EVER_WITHIN})"


def policy() -> CataloguePolicy:
    """The rules in force. Raises PackNotFound."""
    found = packs.all_of(POLICY)
    return (found[0] if found else packs.get(POLICY, "catalogue")).as_type(CataloguePolicy)


def authority(region_code: str) -> OrgView:
    """The data authority (政务数据管理部门) that serves a region. Raises NobodyHandles."""
    return orgs.handling(policy().authority, region_code)


def require_governing(by: Actor, org: OrgView) -> None:
    """Raises NotPermitted unless `by` governs the catalogue where `org` is: at its data authority, or from above."""
    if by.kind is ActorKind.SYSTEM or access.may(by, GOVERN, org.id):
        return
    try:
        at_org = authority(org.region_code).id
    except NobodyHandles:
        at_org = org.id
    access.require(by, GOVERN, at_org=at_org)


def may_govern(by: Actor) -> bool:
    return access.may_anywhere(by, GOVERN)


def may_edit(by: Actor, org_id: int) -> bool:
    return access.may(by, EDIT, org_id)


def seen(by: Actor) -> Q:
    """Entries that `by` may see: what is shared, all of one's own units, and for who governs all of the region.

    Entries refused or still in draft are for the unit and the authority only. No query of its own.
    """
    return as_condition(*seen_sql(by))


def seen_sql(by: Actor) -> tuple[str, dict[str, Any]]:
    """The same as a condition for SQL of one's own, with its values by name."""
    if by.kind is ActorKind.SYSTEM:
        return "TRUE", {}
    reached = [access.reached(by, permission) for permission in (VIEW, EDIT)]
    values = {
        "orgs_own": sorted({org_id for each in reached for org_id in each.own}),
        "orgs_below": sorted({path for each in reached for path in each.below}),
        "orgs_regions": sorted({stem for each in reached for stem in each.regions} | set(regions_governed(by))),
    }
    return f"({_SHARED} OR {_OWN})" if access.may_anywhere(by, VIEW) else _OWN, values


def as_condition(sql: str, values: dict[str, Any]) -> Q:
    """SQL of the catalogue's own, whose values are named, as a condition for questions by models."""
    text, in_order = placed(sql, values)
    return Q(RawSQL(text, in_order, output_field=BooleanField()))  # noqa: S611 — values stay apart from the text


def regions_governed(by: Actor) -> tuple[str, ...]:
    """Where `by` governs, as the significant beginnings of region codes; no query."""
    return access.regions(by, GOVERN)
