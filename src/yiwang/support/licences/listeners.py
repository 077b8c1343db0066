"""What follows an event: a batch that was started is issued; a licence that changed is handed over to its registry."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from yiwang.data.registries import actions as registries
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.support.licences import _rows, jobs


def batch_started(*, payload: dict[str, Any], at: datetime) -> None:
    """As a job of its own: a hundred thousand lines take minutes."""
    jobs.issue_batch(payload["batch_id"])


def licence_changed(*, payload: dict[str, Any], at: datetime) -> None:
    """As it stands now: told twice, or late, it comes to the same."""
    rows = [_rows.as_registered(payload["licence_id"], timezone.localdate(at))]
    registries.hand_over(registry="licences", rows=rows, by=SYSTEM, at=at)
