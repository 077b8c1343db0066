"""What follows new data: each transformation whose inputs are newer than its output, in the order in which they feed each other."""

import logging

from django.utils import timezone

from yiwang.data.transform import actions, queries
from yiwang.data.transform.contracts import State
from yiwang.kernel.base.contracts import SYSTEM, YiwangError
from yiwang.kernel.base.repeating import repeats

logger = logging.getLogger("yiwang.transform")


@repeats("*/10 * * * *", name="transform.follow")
def follow(timestamp: int) -> None:
    """One that fails holds up no other; what would read of it is left as it was."""
    for each in queries.ordered():
        if not queries.is_stale(each.id):
            continue
        try:
            done = actions.run(transformation_id=each.id, by=SYSTEM, at=timezone.now())
        except YiwangError as error:
            logger.warning("transformation %s did not run: %s", each.id, error.code)
        else:
            if done.state is not State.DONE:
                logger.warning("transformation %s failed", each.id)
