"""What cases does when its own events are delivered."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.cases import actions, jobs


def push(*, payload: dict[str, Any], at: datetime) -> None:
    """Push to the outside system as soon as the step is committed; the sweep tries again if it fails."""
    actions.push_outside(call_id=int(payload["call_id"]), by=SYSTEM, at=max(at, timezone.now()))


def redate(*, payload: dict[str, Any], at: datetime) -> None:
    """A year's notice was published or changed: every running limit is reckoned anew, once for each release."""
    run = actions.begin_redating(release=int(payload["release"]), by=SYSTEM, at=max(at, timezone.now()))
    jobs.redate_all(run)
