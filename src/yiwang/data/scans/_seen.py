"""Which forms and batches somebody may see: those whose resource a unit provides where one's posts permit it."""

from django.db.models import QuerySet

from yiwang.data.catalogue import queries as catalogue
from yiwang.data.scans import _forms
from yiwang.data.scans.contracts import VIEW, NoSuchBatch, NoSuchPage, NotForThisPost
from yiwang.data.scans.models import Batch, Page
from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor, ActorKind


def resources(by: Actor, permission: str) -> set[str]:
    """Resources of forms at whose unit `by` may do this; what no catalogue knows is nobody's but the system's."""
    every = {form.resource for form in _forms.every()}
    if by.kind is ActorKind.SYSTEM:
        return every
    owners = catalogue.org_ids(every)
    within = {org.id for org in access.orgs_within(by, permission)}
    return {each for each in every if owners.get(each) in within}


def require(resource: str, permission: str, by: Actor) -> None:
    """Raises NotForThisPost unless `by` may do this at the unit that provides a resource."""
    if by.kind is not ActorKind.SYSTEM and resource not in resources(by, permission):
        raise NotForThisPost("您的岗位不能处理这个单位的扫描件。", hint="请联系本单位负责人确认岗位。")


def may(resource: str, permission: str, by: Actor) -> bool:
    return resource in resources(by, permission)


def batches(by: Actor) -> QuerySet[Batch]:
    if by.kind is ActorKind.SYSTEM:
        return Batch.objects.all()
    return Batch.objects.filter(resource__in=resources(by, VIEW))


def batch(batch_id: int, by: Actor) -> Batch:
    """Raises NoSuchBatch, also where `by` may not see it."""
    found = batches(by).filter(pk=batch_id).first()
    if found is None:
        raise NoSuchBatch("没有这一批扫描件，或您不能查看。", hint="请从扫描件数字化的列表打开。")
    return found


def page(page_id: int, by: Actor, permission: str) -> Page:
    """A page with its batch, for who may do this with it. Raises NoSuchPage, NotForThisPost."""
    found = Page.objects.select_related("batch").filter(pk=page_id, batch__in=batches(by)).first()
    if found is None:
        raise NoSuchPage("没有这一页扫描件，或您不能查看。", hint="请从批次的列表打开。")
    require(found.batch.resource, permission, by)
    return found
