"""What follows when a ticket was taken."""

from datetime import datetime
from typing import Any

from yiwang.services.hotline import _signing
from yiwang.services.hotline.models import Ticket


def ticket_taken(*, payload: dict[str, Any], at: datetime) -> None:
    """Sign it, so that it can be found among its like; a second delivery changes nothing."""
    _signing.sign(list(Ticket.objects.filter(pk=payload["ticket_id"])), _signing.seen())
