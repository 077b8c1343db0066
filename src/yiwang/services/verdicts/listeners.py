"""What happens when cases come to a step: never inside the request that brought them there."""

from collections.abc import Sequence

from django.utils import timezone

from yiwang.kernel.base.events import Event
from yiwang.services.applications.contracts import KIND
from yiwang.services.verdicts import actions, queries
from yiwang.services.verdicts.contracts import MACHINE


def case_moved(*, events: Sequence[Event]) -> None:
    """Give verdicts where a rule may decide, and act upon them; told twice, the second finds it done."""
    moved = {int(event.payload["case_id"]): event.at for event in events if event.payload["kind"] == KIND}
    ruled = queries.may_be_decided(moved)
    for case_id in (each for each in moved if each in ruled):
        now = max(moved[case_id], timezone.now())
        for verdict in actions.judge(case_id=case_id, by=MACHINE, at=now):
            if not verdict.is_settled:
                actions.act(verdict_id=verdict.id, by=MACHINE, at=now)
