"""What happens when a case comes to a step: never inside the request that brought it there."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from yiwang.kernel.packs import queries as packs
from yiwang.services.applications.contracts import KIND
from yiwang.services.verdicts import actions, queries
from yiwang.services.verdicts.contracts import MACHINE
from yiwang.services.verdicts.kinds import INSTANT


def case_moved(*, payload: dict[str, Any], at: datetime) -> None:
    """Give a verdict where a rule may decide, and act upon it; told twice, the second finds it done."""
    if payload["kind"] != KIND or not packs.all_of(INSTANT) or not queries.may_be_decided(int(payload["case_id"])):
        return
    now = max(at, timezone.now())
    for verdict in actions.judge(case_id=int(payload["case_id"]), by=MACHINE, at=now):
        if not verdict.is_settled:
            actions.act(verdict_id=verdict.id, by=MACHINE, at=now)
