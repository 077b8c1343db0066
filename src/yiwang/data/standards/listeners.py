"""Keeps versions of the code lists that packs bring."""

from datetime import datetime
from typing import Any

from yiwang.data.standards import actions
from yiwang.kernel.base.contracts import SYSTEM


def packs_loaded(*, payload: dict[str, Any], at: datetime) -> None:
    if "CodeList" in payload["kinds"]:
        actions.note_code_lists(by=SYSTEM, at=at)
