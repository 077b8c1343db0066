"""What follows when pages of a batch are ready."""

from datetime import datetime
from typing import Any

from yiwang.data.scans import actions
from yiwang.kernel.base.contracts import SYSTEM


def pages_ready(*, payload: dict[str, Any], at: datetime) -> None:
    """On to ingest; once more does no harm."""
    actions.hand_over(batch_id=payload["batch_id"], by=SYSTEM, at=at)
