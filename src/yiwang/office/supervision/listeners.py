"""What supervision does when a limit runs out, a case is urged, or a card's case is ended by force."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from yiwang.kernel.base.contracts import SYSTEM
from yiwang.office.supervision import _facts, actions, queries
from yiwang.office.supervision.contracts import KIND, CardStatus


def overdue(*, payload: dict[str, Any], at: datetime) -> None:
    """A limit ran out: a cause, weighed at once."""
    actions.watch(
        event=_facts.OVERDUE,
        case_id=payload["case_id"],
        clock=payload["clock"],
        task_id=payload["task_id"] or 0,
        by=SYSTEM,
        at=max(at, timezone.now()),
    )


def urged(*, payload: dict[str, Any], at: datetime) -> None:
    """Somebody waits and said so."""
    actions.watch(event=_facts.URGED, case_id=payload["case_id"], by=SYSTEM, at=max(at, timezone.now()))


def closed(*, payload: dict[str, Any], at: datetime) -> None:
    """A card whose case a supervisor ended by force is lifted."""
    if payload["kind"] != KIND or payload["outcome"] != "terminated":
        return
    card = queries.of_card_case(payload["case_id"])
    if card is not None and card.status in queries.OPEN:
        actions.mark(card_case_id=payload["case_id"], status=CardStatus.LIFTED, by=SYSTEM, at=at)
