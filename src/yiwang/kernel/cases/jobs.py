"""The clock process: sweeps until it is stopped."""

import logging
import time
from collections.abc import Callable

from django.db import InterfaceError, OperationalError, close_old_connections
from django.utils import timezone

from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.cases import actions

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
