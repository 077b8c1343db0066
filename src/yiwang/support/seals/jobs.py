"""Revocation lists are published anew before they run out."""

from datetime import UTC, datetime

from procrastinate.contrib.django import app

from yiwang.kernel.base.contracts import SYSTEM
from yiwang.support.seals import actions, queries


@app.periodic(cron="41 * * * *")
@app.task(name="seals.lists", queueing_lock="seals.lists", retry=5)
def publish_lists(timestamp: int) -> None:
    """Every hour, where a list is past half of its time."""
    now = datetime.now(UTC)
    if queries.lists_due(at=now):
        actions.publish_lists(by=SYSTEM, at=now)
