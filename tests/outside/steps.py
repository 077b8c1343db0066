"""Steps that the household tests share: what is pushed, and how it gets there and back."""

from datetime import datetime
from functools import cache
from typing import Any

from django.utils import timezone

from yiwang.kernel.base.contracts import SYSTEM
from yiwang.support.connectors import actions
from yiwang.support.connectors.contracts import PushView

REFERENCE = "990102202611230000011-01"


@cache
def moment() -> datetime:
    """When this test happens: one moment for all its steps, on the day on which the stand-ins live too."""
    return timezone.now()


def push(data: dict[str, Any], reference: str = REFERENCE, **changes: Any) -> PushView:
    values = {"system": "household", "subject": "birth-registration", "consumer": "tests", "about": reference}
    return actions.push(**values | {"reference": reference, "data": data, "by": SYSTEM, "at": moment()} | changes)


def pump(at: datetime | None = None) -> int:
    return actions.pump(system="household", by=SYSTEM, at=at or moment())


def reconcile(at: datetime | None = None) -> Any:
    today = timezone.localdate(moment())
    return actions.reconcile(system="household", day=today, by=SYSTEM, at=at or moment())


def hand_in(letters: list[Any]) -> list[int]:
    return [letter.hand_in().status_code for letter in letters]
