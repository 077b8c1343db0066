"""The sequencer as a process: number what has committed, a few times a second, until told to stop."""

from collections.abc import Callable
from datetime import UTC, datetime

import structlog
from django.db import DatabaseError, InterfaceError, connection

from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.ledger import _sequencer, actions

# A poll, not NOTIFY: a notifying commit takes a lock of the whole database and would queue all writers behind it.
PAUSE_SECONDS = 0.25
PAUSE_SECONDS_MAX = 5.0

log = structlog.get_logger(__name__)


def run_sequencer(*, wait: Callable[[float], bool]) -> None:
    """Sequence until `wait(seconds)` says that it is time to stop; a lost database is waited for."""
    pause = PAUSE_SECONDS
    while not wait(pause):
        try:
            if _sequencer.has_work():
                actions.sequence(by=SYSTEM, at=datetime.now(UTC))
            pause = PAUSE_SECONDS
        except (DatabaseError, InterfaceError) as lost:
            log.warning("ledger.sequencer.waits", reason=type(lost).__name__)
            connection.close()
            pause = min(pause * 2, PAUSE_SECONDS_MAX)
