"""What feedback does when a case closes."""

from datetime import datetime
from typing import Any

from yiwang.kernel.base.contracts import SYSTEM
from yiwang.services.feedback import actions


def case_closed(*, payload: dict[str, Any], at: datetime) -> None:
    """Invite the applicant to rate."""
    actions.invite(case_id=payload["case_id"], by=SYSTEM, at=at)
