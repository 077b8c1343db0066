"""Batches as other apps see them, through contracts."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class BatchState(StrEnum):
    READ = "read"
    RUNNING = "running"
    DONE = "done"

    @property
    def word(self) -> str:
        return {"read": "待确认", "running": "签发中", "done": "已完成"}[self.value]


@dataclass(frozen=True, slots=True)
class BatchView:
    """批量签发: a file of holders of one type; `wrong` lines are left out."""

    id: int
    type_id: str
    title: str
    org_id: int
    filename: str
    grounds: str
    state: BatchState
    total: int
    wrong: int
    issued: int
    made_at: datetime
    begun_at: datetime | None
    ended_at: datetime | None

    @property
    def right(self) -> int:
        return self.total - self.wrong

    @property
    def is_read(self) -> bool:
        return self.state is BatchState.READ

    @property
    def is_running(self) -> bool:
        return self.state is BatchState.RUNNING

    @property
    def state_word(self) -> str:
        return self.state.word


@dataclass(frozen=True, slots=True)
class LineProblem:
    line: int
    problem: str
