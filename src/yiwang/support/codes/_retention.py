"""How scans are forgotten: on the day that their scene set when they were made."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone

from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.retention.contracts import Store, register_store
from yiwang.support.codes.models import Scan


def register() -> None:
    register_store(Store("codes.scans", "扫码记录", "场景写明的保存期满", _due, _erase))


def _due(before: datetime, *, done: Any) -> Any:
    return Scan.objects.filter(until__lt=timezone.localdate(before)).order_by("pk").values_list("pk", flat=True)


def _erase(*, numbers: Sequence[int], ground: str, by: Actor, at: datetime) -> None:
    Scan.objects.filter(pk__in=numbers).delete()
