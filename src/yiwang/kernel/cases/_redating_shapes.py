"""What a change of the calendar did to the limits that ran. No Django."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from yiwang.kernel.workdays.contracts import LEGAL_TIME


@dataclass(frozen=True, slots=True)
class RedatingView:
    """One recomputation of all running limits; `firmed` lost their provisional mark, `moved` fall due on another day."""

    id: int
    release: int
    started_at: datetime
    last_at: datetime
    is_open: bool
    is_superseded: bool
    seen: int
    moved: int
    firmed: int


@dataclass(frozen=True, slots=True)
class RedatedView:
    """One limit before and after; `is_lifted` if it was counted as overdue and is not any more."""

    case_id: int
    case_number: str
    org_id: int
    clock: str
    before: datetime
    after: datetime
    was_provisional: bool
    is_provisional: bool
    is_lifted: bool

    COLUMNS: ClassVar = ("办件编号", "期限", "原到期日", "现到期日", "原为暂定", "现为暂定", "撤销超期")

    @property
    def row(self) -> tuple[str, ...]:
        """As a line of a table, in legal days."""
        days = [moment.astimezone(LEGAL_TIME).date().isoformat() for moment in (self.before, self.after)]
        marks = ["是" if mark else "否" for mark in (self.was_provisional, self.is_provisional, self.is_lifted)]
        return self.case_number, self.clock, *days, *marks
