"""A sitting that is over takes the visits along that came from it."""

from datetime import datetime
from typing import Any

from yiwang.kernel.base.contracts import SYSTEM
from yiwang.support.oidc import actions
from yiwang.support.oidc.contracts import Ending


def end_visits(*, payload: dict[str, Any], at: datetime) -> None:
    """Called again, it finds nothing more to end."""
    actions.end_visits(
        account_id=payload["account"],
        marks=payload["marks"],
        keep=payload["keep"],
        ending=Ending.SIGNED_OUT,
        by=SYSTEM,
        at=at,
    )
