"""Keeps the catalogue in step with the packs in force and with new organisations."""

from datetime import datetime
from typing import Any

from yiwang.data.catalogue import actions
from yiwang.data.catalogue.kinds import SEED
from yiwang.kernel.base.contracts import SYSTEM


def packs_loaded(*, payload: dict[str, Any], at: datetime) -> None:
    if SEED in payload["kinds"]:
        actions.publish(by=SYSTEM, at=at)


def organisations_created(*, payload: dict[str, Any], at: datetime) -> None:
    actions.publish(by=SYSTEM, at=at)
