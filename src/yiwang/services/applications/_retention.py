"""How a filing is forgotten: words about a material first, then files, telephone and address; that there was one stays."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.files import actions as files
from yiwang.kernel.retention.contracts import Store, register_store
from yiwang.services.applications.models import FiledMaterial, Filing, KeptFile


def register() -> None:
    register_store(Store("applications.said", "申请人对材料的说明", "整件办结", _due_words, _erase_words))
    register_store(Store("applications.filed", "申请材料、电话和寄送地址", "整件办结", _due, _erase, leaves_row=True))


def _due_words(before: datetime, *, done: Any) -> Any:
    rows = FiledMaterial.objects.filter(case__closed_at__lt=before, said__isnull=False)
    return rows.order_by("pk").values_list("pk", flat=True)


def _erase_words(*, numbers: Sequence[int], ground: str, by: Actor, at: datetime) -> None:
    FiledMaterial.objects.filter(pk__in=numbers).update(said=None)


def _due(before: datetime, *, done: Any) -> Any:
    filings = Filing.objects.filter(case__closed_at__lt=before).exclude(pk__in=done)
    return filings.order_by("pk").values_list("pk", flat=True)


def _erase(*, numbers: Sequence[int], ground: str, by: Actor, at: datetime) -> None:
    """A file that stands in another case, or that its owner keeps in 材料中心, is theirs to let go of."""
    filings = Filing.objects.filter(pk__in=numbers)
    materials = FiledMaterial.objects.filter(case__in=filings.values("case"))
    held = set(materials.filter(file__isnull=False).values_list("file", flat=True))
    materials.update(file=None, said=None, evidence=None, problem=None)
    kept = set(KeptFile.objects.filter(file__in=held).values_list("file", flat=True))
    elsewhere = set(FiledMaterial.objects.filter(file__in=held).values_list("file", flat=True))
    files.erase(file_ids=held - kept - elsewhere, by=by, at=at)
    filings.update(phone=None, phone_key="", delivery=None)
