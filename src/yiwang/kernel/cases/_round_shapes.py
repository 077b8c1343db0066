"""Steps of many as other apps see them: whom they ask, and what was answered."""

from dataclasses import dataclass
from datetime import datetime

from yiwang.kernel.cases._shapes import Lamp, TaskStatus
from yiwang.kernel.workdays.contracts import Limit


@dataclass(frozen=True, slots=True)
class Instance:
    """One organisation that a step of many asks; `key` tells two of one organisation apart, `limit` is its own."""

    org_id: int
    key: str = ""
    limit: Limit | None = None


@dataclass(frozen=True, slots=True)
class OpinionView:
    """What one of many was asked, and answered once `closed_at` is set; `counts` towards the join."""

    task_id: int
    instance: str
    org_id: int
    org_name: str
    status: TaskStatus
    choice: str
    choice_name: str
    counts: bool
    grounds: str
    by_id: int | None
    closed_at: datetime | None
    due_at: datetime | None
    lamp: Lamp


@dataclass(frozen=True, slots=True)
class RoundView:
    """One round of a step of many: how many were asked, have answered, and count; `needed` of them lead on."""

    step: str
    name: str
    is_open: bool
    among: int
    answered: int
    counted: int
    needed: int
    opened_at: datetime
    opinions: tuple[OpinionView, ...]
