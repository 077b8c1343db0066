"""How drafts are forgotten: whole, after the time that a pack says."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.forms.models import Draft
from yiwang.kernel.retention.contracts import Store, register_store


def register() -> None:
    register_store(Store("forms.drafts", "没有提交的草稿", "最后一次保存", _due, _erase))


def _due(before: datetime, *, done: Any) -> Any:
    return Draft.objects.filter(saved_at__lt=before).order_by("pk").values_list("pk", flat=True)


def _erase(*, numbers: Sequence[int], ground: str, by: Actor, at: datetime) -> None:
    Draft.objects.filter(pk__in=numbers).delete()
