"""Write down acts and disclosures, inside the transaction of what they tell about."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from yiwang.kernel.audit.contracts import DisclosureView
from yiwang.kernel.audit.models import AuditRecord, Disclosure
from yiwang.kernel.audit.queries import as_view
from yiwang.kernel.base import rows
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.ledger import actions as ledger

LEGAL_DAY = ZoneInfo("Asia/Shanghai")


def record(event: str, *, target: str, by: Actor, at: datetime, detail: dict[str, Any] | None = None) -> None:
    """Add one audit record; `event` is past and dotted (`cases.case.advanced`), `target` is `kind:id`."""
    said = {
        "event": event,
        "target": target,
        "actor_kind": by.kind.value,
        "account_id": by.account_id,
        "principal_id": by.principal_id,
        "org_id": _org(by),
        "at": at,
        "detail": detail,
    }
    rows.add(AuditRecord, said)


@transaction.atomic
def disclose(
    *,
    subject_key: str,
    elements: Sequence[str],
    purpose: str,
    authority: str,
    case_number: str | None,
    by: Actor,
    at: datetime,
) -> DisclosureView:
    """Write down that `by` was shown `elements` of a subject, once per sitting, with a ledger leaf.

    A second look in the same sitting adds only what was not shown before; without anything new it returns the first.
    """
    sitting = _sitting(subject_key, purpose, case_number, by, at)
    _one_at_a_time(sitting)
    before = list(Disclosure.objects.filter(sitting=sitting).order_by("id"))
    seen = {element for row in before for element in row.elements}
    new = sorted(set(elements) - seen)
    if before and not new:
        return as_view(before[0])
    values = {
        "subject_key": subject_key,
        "elements": new,
        "purpose": purpose,
        "authority": authority,
        "case_number": case_number,
    }
    leaf = ledger.append(
        kind="audit.data.disclosed",
        subject=f"subject:{subject_key}",
        content=values,
        by=by,
        at=at,
    )
    row = Disclosure.objects.create(
        **values,
        actor_kind=by.kind.value,
        account_id=by.account_id,
        org_id=_org(by),
        post_title=by.posts[0].title if by.posts else "",
        sitting=sitting,
        leaf_id=leaf.id,
        at=at,
    )
    return as_view(row)


def _sitting(subject_key: str, purpose: str, case_number: str | None, by: Actor, at: datetime) -> str:
    actor = f"{by.kind}:{by.account_id or 0}:{by.principal_id or 0}:{_org(by) or 0}"
    day = at.astimezone(LEGAL_DAY).date().isoformat()
    return hashlib.sha256("|".join((actor, subject_key, case_number or "", purpose, day)).encode()).hexdigest()


def _one_at_a_time(sitting: str) -> None:
    """Two looks at the same instant must not both write what only one of them saw first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int(sitting[:15], 16)])


def _org(by: Actor) -> int | None:
    return by.posts[0].org_id if by.posts else None
