"""From rows of seals to contracts, and what goes with every act and every use."""

import hashlib
from datetime import datetime

from django.utils.translation import get_language

from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.ledger import actions as ledger
from yiwang.support.seals import kinds
from yiwang.support.seals.contracts import (
    Act,
    Format,
    SealEventView,
    SealNotFound,
    SealStatus,
    SealView,
    Signed,
    UseView,
)
from yiwang.support.seals.models import Seal, SealEvent, SealUse


def locked(seal_id: int) -> Seal:
    """Raises SealNotFound."""
    row = (
        Seal.objects.select_for_update(of=("self",)).select_related("sm2__key", "p256__key").filter(pk=seal_id).first()
    )
    if row is None:
        raise SealNotFound("没有这枚印章。", hint="请刷新后再试。")
    return row


def view(row: Seal, *, at: datetime) -> SealView:
    kind = kinds.policy().seal_kind(row.kind)
    return SealView(
        id=row.pk,
        es_id=row.es_id,
        name=row.name,
        org_id=row.org_id,
        kind=row.kind,
        kind_title=kind.title.in_language(get_language()) if kind else row.kind,
        status=status(row, at=at),
        asked=Act(row.asked) if row.asked else None,
        asked_by=row.asked_by,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        made_at=row.made_at,
    )


def status(row: Seal, *, at: datetime) -> SealStatus:
    found = SealStatus(row.status)
    is_over = found is SealStatus.VALID and row.valid_until is not None and at > row.valid_until
    return SealStatus.EXPIRED if is_over else found


def keep_event(row: Seal, act: str, *, grounds: str, by: Actor, at: datetime) -> None:
    """The act, its ledger leaf and its audit record."""
    SealEvent.objects.create(seal=row, act=act, grounds=grounds, account_id=by.account_id, at=at)
    content = {"seal": row.es_id, "act": act, "status": row.status}
    ledger.append(kind=f"seals.seal.{act}", subject=f"seal:{row.es_id}", content=content, by=by, at=at)
    audit.record(f"seals.seal.{act}", target=f"seal:{row.pk}", by=by, at=at, detail={"grounds": grounds})


def keep_use(
    row: Seal, format_: Format, data: bytes, *, subject: str, purpose: str, case_number: str, by: Actor, at: datetime
) -> Signed:
    """The use in the register, the ledger and the audit."""
    sha256 = hashlib.sha256(data).hexdigest()
    content = {"seal": row.es_id, "format": format_.value, "sha256": sha256, "subject": subject, "purpose": purpose}
    leaf = ledger.append(kind="seals.seal.used", subject=f"seal:{row.es_id}", content=content, by=by, at=at)
    use = SealUse.objects.create(
        seal=row,
        format=format_.value,
        subject=subject,
        purpose=purpose,
        case_number=case_number,
        sha256=sha256,
        size_bytes=len(data),
        account_id=by.account_id,
        leaf_id=leaf.id,
        at=at,
    )
    audit.record("seals.seal.used", target=f"seal:{row.pk}", by=by, at=at, detail={"use": use.pk, "subject": subject})
    return Signed(sha256, len(data), data, use.pk)


def event_view(row: SealEvent) -> SealEventView:
    return SealEventView(EVENT_WORDS.get(row.act, row.act), str(row.grounds), row.account_id, row.at)


def use_view(row: SealUse) -> UseView:
    return UseView(
        id=row.pk,
        format=Format(row.format),
        subject=row.subject,
        purpose=row.purpose,
        case_number=row.case_number,
        sha256=row.sha256,
        account_id=row.account_id,
        at=row.at,
        leaf_id=row.leaf_id,
    )


EVENT_WORDS = {
    "make-asked": "申请制作",
    "made": "制作",
    "stopped": "停用",
    "resume-asked": "申请恢复",
    "resumed": "恢复使用",
    "destroy-asked": "申请销毁",
    "destroyed": "销毁",
    "declined": "复核未通过",
}
