"""Read what was written down."""

from yiwang.kernel.audit.contracts import AuditView, DisclosureView
from yiwang.kernel.audit.models import AuditRecord, Disclosure
from yiwang.kernel.base.contracts import ActorKind
from yiwang.kernel.base.paging import Page, keyset


def disclosures_of(subject_key: str, cursor: str | None = None, *, size: int = 20) -> Page[DisclosureView]:
    """Every use of one subject's data, newest first."""
    rows = Disclosure.objects.filter(subject_key=subject_key)
    return keyset(rows, order=("-id",), cursor=cursor, size=size).map(as_view)


def disclosure(disclosure_id: int, *, subject_key: str) -> DisclosureView | None:
    """One use of this subject's data; None when it is not of this subject."""
    row = Disclosure.objects.filter(pk=disclosure_id, subject_key=subject_key).first()
    return as_view(row) if row else None


def trail(target: str, cursor: str | None = None, *, size: int = 50) -> Page[AuditView]:
    """What was done to a record, newest first."""
    rows = AuditRecord.objects.filter(target=target)
    return keyset(rows, order=("-id",), cursor=cursor, size=size).map(_act)


def as_view(row: Disclosure) -> DisclosureView:
    return DisclosureView(
        id=row.pk,
        elements=tuple(row.elements),
        purpose=row.purpose,
        authority=row.authority,
        case_number=row.case_number,
        actor_kind=ActorKind(row.actor_kind),
        account_id=row.account_id,
        org_id=row.org_id,
        post_title=row.post_title,
        leaf_id=row.leaf_id,
        at=row.at,
    )


def _act(row: AuditRecord) -> AuditView:
    return AuditView(
        id=row.pk,
        event=row.event,
        target=row.target,
        actor_kind=ActorKind(row.actor_kind),
        account_id=row.account_id,
        principal_id=row.principal_id,
        org_id=row.org_id,
        at=row.at,
        detail=row.detail or {},
    )
