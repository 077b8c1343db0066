"""Pages that wait are read, what was cut off goes on, and what lies in the drop folder is handed in, without anybody doing so."""

import logging

from django.utils import timezone

from yiwang.data.scans import _dropped, actions, queries
from yiwang.kernel.base.contracts import SYSTEM, YiwangError
from yiwang.kernel.base.repeating import repeats

logger = logging.getLogger("yiwang.scans")
# A batch gives way to the next after so many pages.
PAGES = 100


@repeats("* * * * *", name="scans.read")
def read(timestamp: int) -> None:
    """One batch that cannot be read holds up no other; without a reader pages wait."""
    if not queries.can_read():
        return
    for batch_id in queries.to_read():
        try:
            actions.read(batch_id=batch_id, most=PAGES, by=SYSTEM, at=timezone.now())
        except YiwangError as error:
            logger.warning("batch %s of scans was not read: %s", batch_id, error.code)


@repeats("*/10 * * * *", name="scans.look")
def look(timestamp: int) -> None:
    """What was dropped is handed in, and parts that were cut off go on to ingest."""
    for place in list(_dropped.waiting(timezone.now())):
        try:
            actions.take_dropped(place=place, by=SYSTEM, at=timezone.now())
        except YiwangError as error:
            logger.warning("scans in %s were not handed in: %s", place.form_id, error.code)
    for batch_id in queries.to_hand_over():
        try:
            actions.hand_over(batch_id=batch_id, by=SYSTEM, at=timezone.now())
        except YiwangError as error:
            logger.warning("batch %s of scans did not go on: %s", batch_id, error.code)
