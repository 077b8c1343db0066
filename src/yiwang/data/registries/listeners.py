"""What the registries do when a person says that one of them is wrong."""

from datetime import datetime
from typing import Any

from yiwang.data.registries import actions
from yiwang.kernel.base.contracts import SYSTEM


def objection_raised(*, payload: dict[str, Any], at: datetime) -> None:
    """Bring it to the unit that answers for the record."""
    actions.answer_objection(objection_id=payload["objection_id"], by=SYSTEM, at=at)
