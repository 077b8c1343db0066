"""Each minute: what a killed worker left is finished, and what was decided is drawn for spot checks."""

import logging
from collections.abc import Callable, Iterable

from django.utils import timezone

from yiwang.kernel.base.repeating import repeats
from yiwang.services.verdicts import actions, queries
from yiwang.services.verdicts.contracts import MACHINE

logger = logging.getLogger("yiwang.verdicts")


@repeats("* * * * *", name="verdicts.look_after", queue="clock")
def look_after(timestamp: int) -> None:
    at = timezone.now()
    _each(queries.unfinished(), lambda verdict_id: actions.act(verdict_id=verdict_id, by=MACHINE, at=at))
    _each(queries.undrawn(), lambda verdict_id: actions.draw(verdict_id=verdict_id, by=MACHINE, at=at))


def _each(verdict_ids: Iterable[int], do: Callable[[int], object]) -> None:
    """One that cannot be finished now waits for the next minute, and holds up no other."""
    for verdict_id in verdict_ids:
        try:
            do(verdict_id)
        except Exception:
            logger.exception("verdict %d could not be finished, trying again in a minute", verdict_id)
