"""How cases are forgotten: what they say of people goes, that they were handled, when and by whom stays."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q

from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.cases.models import (
    Attachment,
    Case,
    CaseEvent,
    ClockExtension,
    Correction,
    OutsideMessage,
    SubcaseSlot,
    Urge,
)
from yiwang.kernel.files import actions as files
from yiwang.kernel.ledger import actions as ledger
from yiwang.kernel.ledger import queries as leaves
from yiwang.kernel.retention.contracts import Store, register_store

GONE = "（保存期满，已删除）"


def register() -> None:
    register_store(Store("cases.contents", "办结件的内容和材料", "整件办结", _due, _erase, leaves_row=True))


def _due(before: datetime, *, done: Any) -> Any:
    ended = Case.objects.filter(root__isnull=True, closed_at__lt=before).exclude(pk__in=done)
    return ended.order_by("pk").values_list("pk", flat=True)


def _erase(*, numbers: Sequence[int], ground: str, by: Actor, at: datetime) -> None:
    """Several of these tables only grow for the role that serves the site; this runs as their owner."""
    family = list(Case.objects.select_for_update().filter(Q(pk__in=numbers) | Q(root__in=numbers)).order_by("pk"))
    ids = [case.pk for case in family]
    held = Attachment.objects.filter(case__in=ids)
    file_ids = set(held.values_list("file", flat=True))
    held.update(title=GONE)
    kept = set(Attachment.objects.filter(file__in=file_ids).exclude(case__in=ids).values_list("file", flat=True))
    files.erase(file_ids=file_ids - kept, by=by, at=at)
    Case.objects.filter(pk__in=ids).update(subject=GONE, data={}, result=None)
    SubcaseSlot.objects.filter(parent__in=ids).update(subject=GONE, data={})
    CaseEvent.objects.filter(case__in=ids).update(grounds=None, form=None)
    Correction.objects.filter(case__in=ids).update(reason=GONE)
    ClockExtension.objects.filter(clock__case__in=ids).update(reason=GONE)
    OutsideMessage.objects.filter(call__task__case__in=ids).update(payload={})
    Urge.objects.filter(case__in=ids).update(words=GONE)
    for subject in (name for case in family for name in (f"case:{case.pk}", f"case:{case.number}")):
        for leaf_id in leaves.leaves_of(subject, limit=1000):
            if leaves.content(leaf_id) is not None:
                ledger.erase(leaf_id=leaf_id, ground=ground, by=by, at=at)
