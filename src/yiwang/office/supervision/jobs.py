"""Once an hour: what is still late is weighed again, so that a card follows as the days pass."""

import logging

from django.utils import timezone

from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.base.repeating import repeats
from yiwang.office.supervision import actions, queries

BATCH = 500
logger = logging.getLogger("yiwang.supervision")


@repeats("7 * * * *", name="supervision.review", queue="clock")
def review(timestamp: int) -> None:
    """Each cause in its own transaction; one that fails does not keep the others waiting."""
    last = 0
    while found := queries.watched(after=last, size=BATCH):
        for cause_id in found:
            try:
                actions.weigh(cause_id=cause_id, by=SYSTEM, at=timezone.now())
            except Exception:
                logger.exception("cause %s could not be weighed", cause_id)
        last = found[-1]
