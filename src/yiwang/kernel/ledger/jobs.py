"""The sequencer as a process, a few times a second until told to stop; and the hourly checkpoint to an outside anchor."""

from collections.abc import Callable
from datetime import UTC, datetime

import structlog
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.base.repeating import repeats
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


@repeats("23 * * * *", name="ledger.anchor")
def anchor(timestamp: int) -> None:
    """Give the newest checkpoint to the outside place of the setting, if there is one."""
    if settings.YIWANG_LEDGER_ANCHOR:
        actions.anchor(place=settings.YIWANG_LEDGER_ANCHOR, by=SYSTEM, at=datetime.now(UTC))
