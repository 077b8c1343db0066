"""What follows when a case about a record ends, and when records changed."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from yiwang.data.registries import actions as registries
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.support.credit import _records
from yiwang.support.credit._requests import case_closed

__all__ = ["case_closed", "records_changed"]


def records_changed(*, payload: dict[str, Any], at: datetime) -> None:
    """Hand them over to their registry as they stand now."""
    rows = _records.as_registered(payload["records"], timezone.localdate(at))
    registries.hand_over(registry="credit", rows=rows, by=SYSTEM, at=at)
