"""What ingest does when somebody let a batch go on."""

from datetime import datetime
from typing import Any

from yiwang.data.ingest import actions, queries
from yiwang.data.ingest.contracts import State
from yiwang.kernel.base.contracts import SYSTEM


def batch_released(*, payload: dict[str, Any], at: datetime) -> None:
    """Take it in; once more does no harm."""
    if queries.batch(payload["batch_id"]).state is State.READING:
        actions.resume(batch_id=payload["batch_id"], by=SYSTEM, at=at)
