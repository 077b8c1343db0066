"""What feedback does when cases close."""

from collections.abc import Sequence

from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.base.events import Event
from yiwang.services.feedback import actions


def case_closed(*, events: Sequence[Event]) -> None:
    """Invite the applicants to rate."""
    closed = {event.payload["case_id"]: event.at for event in events}
    actions.invite(closed=closed, by=SYSTEM, at=max(closed.values()))
