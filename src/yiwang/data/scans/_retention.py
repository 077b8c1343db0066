"""How scans are forgotten: pictures and what was read on them, so many days after their batch was done as its form says."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from yiwang.data.scans.models import Batch, Cell, Deed, Page
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.files import actions as files
from yiwang.kernel.retention.contracts import Store, register_store


def register() -> None:
    register_store(Store("scans.pictures", "扫描件图片和识别内容", "版式写明的保存期满", _due, _erase, leaves_row=True))


def _due(before: datetime, *, done: Any) -> Any:
    past = Batch.objects.filter(kept_until__lt=timezone.localdate(before)).exclude(pk__in=done)
    # What has not gone on to the lake yet is not let go of.
    left = Q(found__stand="ready", found__part=None) | Q(parts__ingest_batch=None, parts__isnull=False)
    return past.exclude(pk__in=Batch.objects.filter(left).values("pk")).order_by("pk").values_list("pk", flat=True)


def _erase(*, numbers: Sequence[int], ground: str, by: Actor, at: datetime) -> None:
    """Numbers, stands and who did what stay."""
    pages = Page.objects.filter(batch__in=numbers)
    files.erase(file_ids=list(pages.values_list("file_id", flat=True)), by=by, at=at)
    Deed.objects.filter(page__in=pages).update(before="", after="")
    Cell.objects.filter(page__in=pages).update(value="", found="")
    pages.update(origin="", reason="")
    Batch.objects.filter(pk__in=numbers).update(title="")
