"""What follows an event: a batch that was started is issued."""

from datetime import datetime
from typing import Any

from yiwang.support.licences import jobs


def batch_started(*, payload: dict[str, Any], at: datetime) -> None:
    """As a job of its own: a hundred thousand lines take minutes."""
    jobs.issue_batch(payload["batch_id"])
