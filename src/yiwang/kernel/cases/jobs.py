"""The clock process, which sweeps until it is stopped, and the recomputation of all limits, batch by batch."""

import logging
import time
from collections.abc import Callable

from django.db import InterfaceError, OperationalError, close_old_connections
from django.utils import timezone

from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.cases import actions
from yiwang.kernel.cases.contracts import RedatingView

EVERY_SECONDS = 5.0
logger = logging.getLogger("yiwang.cases")


def run_clock(*, wait: Callable[[float], bool]) -> None:
    """Sweep every few seconds until `wait(seconds)` answers True; a database that is away is waited for."""
    while True:
        begun = time.monotonic()
        try:
            close_old_connections()
            fired = actions.sweep(by=SYSTEM, at=timezone.now())
        except (InterfaceError, OperationalError):
            logger.warning("clock: the database does not answer, trying again")
            fired = 0
        # A full batch means that more is waiting.
        pause = 0.0 if fired >= actions.SWEEP_BATCH else max(0.0, EVERY_SECONDS - (time.monotonic() - begun))
        if wait(pause):
            return


def redate_all(run: RedatingView, *, told: Callable[[RedatingView], None] = lambda run: None) -> RedatingView:
    """Carry a recomputation to its end; killed on the way, it goes on where the last batch was committed."""
    while run.is_open:
        run = actions.redate(run_id=run.id, by=SYSTEM, at=timezone.now())
        told(run)
    return run
