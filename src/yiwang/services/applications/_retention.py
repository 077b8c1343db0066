"""How what was said about a material is forgotten: after its case is closed for as long as a pack says; the material stays."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.retention.contracts import Store, register_store
from yiwang.services.applications.models import FiledMaterial


def register() -> None:
    register_store(Store("applications.said", "申请人对材料的说明", "整件办结", _due, _erase))


def _due(before: datetime, *, done: Any) -> Any:
    rows = FiledMaterial.objects.filter(case__closed_at__lt=before, said__isnull=False)
    return rows.order_by("pk").values_list("pk", flat=True)


def _erase(*, numbers: Sequence[int], ground: str, by: Actor, at: datetime) -> None:
    FiledMaterial.objects.filter(pk__in=numbers).update(said=None)
