"""Who answers for the catalogue of a place, and which entries somebody may see."""

from django.db.models import Q

from yiwang.data.catalogue.contracts import EDIT, GOVERN, VIEW, Sharing, State
from yiwang.data.catalogue.kinds import POLICY, CataloguePolicy
from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor, ActorKind
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.orgs.contracts import NobodyHandles, OrgView
from yiwang.kernel.packs import queries as packs


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

    Entries refused or still in draft are for the unit and the authority only. One query for who governs, else none.
    """
    if by.kind is ActorKind.SYSTEM:
        return Q()
    own = access.org_filter(by, VIEW) | access.org_filter(by, EDIT)
    if access.may_anywhere(by, VIEW):
        own |= ~Q(sharing=Sharing.REFUSED) & ~Q(state=State.DRAFT)
    if may_govern(by):
        for region_code in regions_governed(by):
            own |= Q(org__region__code__startswith=region_code)
    return own


def regions_governed(by: Actor) -> list[str]:
    """Where `by` governs, as the significant beginnings of region codes; one query."""
    units = [each for each in orgs.named(post.org_id for post in by.posts).values() if access.may(by, GOVERN, each.id)]
    return sorted({orgs.stem(each.region_code) for each in units})
