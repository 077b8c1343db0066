"""Revocation lists are published anew before they run out."""

from datetime import UTC, datetime

from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.base.repeating import repeats
from yiwang.support.seals import actions, queries


@repeats("41 * * * *", name="seals.lists")
def publish_lists(timestamp: int) -> None:
    """Every hour, where a list is past half of its time."""
    now = datetime.now(UTC)
    if queries.lists_due(at=now):
        actions.publish_lists(by=SYSTEM, at=now)
