"""Jobs of kernel.orgs."""

from datetime import UTC, datetime

from procrastinate.contrib.django import app

from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.orgs import actions


@app.periodic(cron="3 * * * *")
@app.task(name="orgs.apply_moves", queueing_lock="orgs.apply_moves", pass_context=False)
def apply_moves(timestamp: int) -> None:
    """Hourly, so that a move begins soon after its day does."""
    actions.apply_moves(by=SYSTEM, at=datetime.fromtimestamp(timestamp, UTC))
