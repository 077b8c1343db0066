"""What follows when a ticket was taken, and when it ends: who said the same is told too."""

from datetime import datetime
from typing import Any

from yiwang.kernel.base.contracts import SYSTEM
from yiwang.services.hotline import _signing
from yiwang.services.hotline.contracts import KIND
from yiwang.services.hotline.models import Ticket
from yiwang.support.notify import actions as notify

MERGED_MAX = 2_000


def tickets_taken(*, payload: dict[str, Any], at: datetime) -> None:
    """Sign them, so that they can be found among their like; a second delivery changes nothing."""
    _signing.sign(
        [_signing.Unsigned.of(row) for row in Ticket.objects.filter(pk__in=payload["ticket_ids"])], _signing.seen()
    )


def case_closed(*, payload: dict[str, Any], at: datetime) -> None:
    """Whoever's ticket was put under this one learns that it came to an end; a second delivery sends nothing more."""
    if payload["kind"] != KIND:
        return
    merged = Ticket.objects.filter(merged_into__case=payload["case_id"]).order_by("pk")
    for case_id in merged.values_list("case_id", flat=True)[:MERGED_MAX]:
        key = f"merged:{payload['case_id']}:{at.isoformat()}"
        notify.tell(occasion="merged-closed", case_id=case_id, key=key, by=SYSTEM, at=at)
