"""一数一源: which unit answers for which element, since when."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from yiwang.data.catalogue._entries import locked
from yiwang.data.catalogue.contracts import AuthorityView
from yiwang.data.catalogue.models import Authority
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.workdays import queries as workdays


@transaction.atomic
def begin(*, org_id: int, resource_code: str, element_ids: Iterable[str], by: Actor, at: datetime) -> None:
    """Let a unit be the source of elements that have none; those that have one keep it."""
    wanted = list(dict.fromkeys(element_ids))
    taken = set(Authority.objects.filter(element_id__in=wanted, until=None).values_list("element_id", flat=True))
    for element_id in wanted:
        if element_id not in taken:
            award(element_id=element_id, org_id=org_id, resource_code=resource_code, basis="目录登记", by=by, at=at)


@transaction.atomic
def award(
    *,
    element_id: str,
    org_id: int,
    resource_code: str,
    basis: str,
    case_id: int | None = None,
    by: Actor,
    at: datetime,
) -> AuthorityView:
    """One source for an element from today on; whoever was it before ends. For the flow's effect and for packs."""
    resource, today = locked(resource_code), workdays.legal_day(at)
    for row in Authority.objects.select_for_update().filter(element_id=element_id, until=None):
        row.until = max(today, row.since)
        row.save(update_fields=["until"])
    row = Authority.objects.create(
        element_id=element_id, org_id=org_id, resource=resource, basis=basis[:400], since=today, case_id=case_id
    )
    detail = {"resource": resource_code, "org": org_id}
    audit.record("catalogue.source.awarded", target=f"element:{element_id}", by=by, at=at, detail=detail)
    return view(row)


def view(row: Authority) -> AuthorityView:
    return AuthorityView(
        row.element_id, row.org_id, row.resource.code, row.resource.title, row.basis, row.since, row.until
    )
