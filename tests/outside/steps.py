"""Steps that the household tests share: what is pushed, and how it gets there and back."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from yiwang.kernel.base.contracts import SYSTEM
from yiwang.support.connectors import actions
from yiwang.support.connectors.contracts import PushView

NOW = timezone.now()
REFERENCE = "990102202611230000011-01"


def push(data: dict[str, Any], reference: str = REFERENCE, **changes: Any) -> PushView:
    values = {"system": "household", "subject": "birth-registration", "consumer": "tests", "about": reference}
    return actions.push(**values | {"reference": reference, "data": data, "by": SYSTEM, "at": NOW} | changes)


def pump(at: datetime | None = None) -> int:
    return actions.pump(system="household", by=SYSTEM, at=at or NOW)


def reconcile(at: datetime | None = None) -> Any:
    today = timezone.localdate(NOW)
    return actions.reconcile(system="household", day=today, by=SYSTEM, at=at or NOW)


def hand_in(letters: list[Any]) -> list[int]:
    return [letter.hand_in().status_code for letter in letters]
