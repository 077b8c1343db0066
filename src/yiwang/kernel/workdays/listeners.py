"""When packs are released, tells whoever keeps clocks that the calendar may have changed."""

from datetime import datetime
from typing import Any

from yiwang.kernel.base.events import publish
from yiwang.kernel.workdays.kinds import CALENDAR_YEAR, WORK_HOURS


def packs_loaded(*, payload: dict[str, Any], at: datetime) -> None:
    """Publish `workdays.calendar.changed`: every running clock's due is to be derived again."""
    if {CALENDAR_YEAR, WORK_HOURS} & set(payload["kinds"]):
        publish("workdays.calendar.changed", {"release": payload["release"]}, at=at)
