"""Keeps the organisations' lists in step with the packs in force and with new organisations."""

from datetime import datetime
from typing import Any

from yiwang.kernel.base.contracts import SYSTEM
from yiwang.services.matters import actions
from yiwang.services.matters.kinds import MATTER


def packs_loaded(*, payload: dict[str, Any], at: datetime) -> None:
    if MATTER in payload["kinds"]:
        actions.publish(by=SYSTEM, at=at)


def organisations_created(*, payload: dict[str, Any], at: datetime) -> None:
    actions.publish(by=SYSTEM, at=at)
