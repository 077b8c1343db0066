"""Jobs of kernel.orgs."""

from datetime import UTC, datetime

from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.base.repeating import repeats
from yiwang.kernel.orgs import actions


@repeats("3 * * * *", name="orgs.apply_moves")
def apply_moves(timestamp: int) -> None:
    """Hourly, so that a move begins soon after its day does."""
    actions.apply_moves(by=SYSTEM, at=datetime.fromtimestamp(timestamp, UTC))
