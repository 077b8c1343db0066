"""What quality does when somebody says that a value of a resource is wrong, and when new data have come."""

from datetime import datetime
from typing import Any

from yiwang.data.quality import actions
from yiwang.kernel.base.contracts import SYSTEM


def objection_raised(*, payload: dict[str, Any], at: datetime) -> None:
    """Bring it to the resource's provider."""
    actions.answer_objection(objection_id=payload["objection_id"], by=SYSTEM, at=at)
