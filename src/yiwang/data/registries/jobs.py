"""What follows new data: each registry whose table has a newer snapshot than was taken in."""

import logging

from django.utils import timezone

from yiwang.data.registries import actions, queries
from yiwang.kernel.base.contracts import SYSTEM, YiwangError
from yiwang.kernel.base.repeating import repeats

logger = logging.getLogger("yiwang.registries")


@repeats("5-59/10 * * * *", name="registries.follow")
def follow(timestamp: int) -> None:
    """One that cannot be taken over holds up no other."""
    for each in queries.behind():
        try:
            actions.take_over(registry=each, by=SYSTEM, at=timezone.now())
        except YiwangError as error:
            logger.warning("registry %s was not taken over: %s", each, error.code)
