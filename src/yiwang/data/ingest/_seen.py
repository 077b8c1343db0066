"""Which sources somebody may see: those of units where one's posts permit it; what no catalogue knows is for who takes data in."""

from collections.abc import Sequence

from yiwang.data.catalogue import queries as catalogue
from yiwang.data.ingest.contracts import RUN, VIEW, BatchView, NotForThisPost, SourceRow, SourceView
from yiwang.data.ingest.models import Batch
from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor, ActorKind
from yiwang.kernel.orgs import queries as orgs


def sources(every: Sequence[SourceView], by: Actor, permission: str = VIEW) -> dict[str, SourceRow]:
    """By id, with the resource's title and provider; the number of queries does not grow with them."""
    owners = catalogue.org_ids({each.resource for each in every})
    titles = catalogue.named(owners)
    may_all = by.kind is ActorKind.SYSTEM
    within = {} if may_all else {org.id for org in access.orgs_within(by, permission)}
    stray = may_all or access.may_anywhere(by, RUN)
    names = orgs.named(set(owners.values()))
    found = {}
    for each in every:
        org_id = owners.get(each.resource)
        if may_all or (org_id in within if org_id is not None else stray):
            name = names[org_id].short_name if org_id in names else ""
            found[each.id] = SourceRow(each, titles.get(each.resource, ""), org_id, name)
    return found


def require(resource: str, permission: str, by: Actor) -> None:
    """Raises NotForThisPost unless `by` may do this at the unit that provides a resource."""
    if by.kind is ActorKind.SYSTEM:
        return
    org_id = catalogue.org_ids([resource]).get(resource)
    if not (access.may(by, permission, org_id) if org_id is not None else access.may_anywhere(by, RUN)):
        raise NotForThisPost("您的岗位不能处理这个单位的数据。", hint="请联系数据管理员。")


def newest(source_ids: Sequence[str]) -> dict[str, Batch]:
    """The newest batch of each source; one query."""
    rows = (
        Batch.objects.filter(source_id__in=source_ids).order_by("source_id", "-began_at", "-id").distinct("source_id")
    )
    return {row.source_id: row for row in rows}


def masked(text: str) -> str:
    """As a row was found, without what it says: of every word the first sign stays, so that its shape can be seen."""
    found, before = [], ""
    for sign in text:
        found.append("*" if sign.isalnum() and before.isalnum() else sign)
        before = sign
    return "".join(found)


def totals(batches: Sequence[BatchView]) -> dict[str, int]:
    """Sums over batches, which reconcile as each of them does."""
    return {
        name: sum(getattr(each, name) for each in batches) for name in ("read", "taken", "quarantined", "duplicate")
    }
