"""How what a verdict rests on is forgotten: the facts go, that it was given, by which rule and to what answer stays."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.ledger import actions as ledger
from yiwang.kernel.ledger import queries as leaves
from yiwang.kernel.retention.contracts import Store, register_store
from yiwang.services.verdicts.models import Verdict

STORE = "verdicts.facts"


def register() -> None:
    register_store(Store(STORE, "系统自动审批用过的事实", "作出结论（办件已办结）", _due, _erase, leaves_row=True))


def _due(before: datetime, *, done: Any) -> Any:
    rows = Verdict.objects.filter(given_at__lt=before, case__closed_at__isnull=False).exclude(pk__in=done)
    return rows.order_by("pk").values_list("pk", flat=True)


def _erase(*, numbers: Sequence[int], ground: str, by: Actor, at: datetime) -> None:
    """Verdicts only grow for the role that serves the site; this runs as their owner."""
    rows = Verdict.objects.select_for_update().filter(pk__in=numbers)
    for leaf_id in rows.order_by("pk").values_list("leaf_id", flat=True):
        if leaves.content(leaf_id) is not None:
            ledger.erase(leaf_id=leaf_id, ground=ground, by=by, at=at)
    rows.update(facts={}, outputs={})
