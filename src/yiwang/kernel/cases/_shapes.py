"""Cases as other apps see them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from yiwang.kernel.workdays.contracts import LIMIT_MAX, Limit


class CaseStatus(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class TaskKind(StrEnum):
    """Who is waited for."""

    POST = "post"
    APPLICANT = "applicant"
    OUTSIDE = "outside"
    SUBCASES = "subcases"
    EACH = "each"


class TaskStatus(StrEnum):
    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


class Lamp(StrEnum):
    """灯: how a case stands against its time limit."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    PAUSED = "paused"
    DONE = "done"
    NONE = "none"


class SlotStatus(StrEnum):
    """A sub-case's place in its family before and after it exists."""

    WAITING = "waiting"
    OPEN = "open"
    DONE = "done"
    SKIPPED = "skipped"


class Box(StrEnum):
    """The lists of a desk."""

    TODO = "todo"
    UNSIGNED = "unsigned"
    DUE = "due"
    OVERDUE = "overdue"
    UNIT = "unit"
    WAITING = "waiting"
    DONE = "done"


class OutsideKind(StrEnum):
    """What an outside system reports about what it was asked to handle."""

    ACCEPTED = "accepted"
    PROGRESS = "progress"
    RESULT = "result"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a case came out; after a good outcome the cases that depend on it may begin."""

    code: str
    name: str
    is_good: bool


OUTCOMES: Mapping[str, Outcome] = {
    outcome.code: outcome
    for outcome in (
        Outcome("completed", "办结", True),
        Outcome("granted", "同意", True),
        Outcome("refused", "不同意", False),
        Outcome("not-accepted", "未接收", False),
        Outcome("withdrawn", "已撤回", False),
        Outcome("abandoned", "逾期未办，自动终止", False),
        Outcome("terminated", "已终止", False),
    )
}
"""Outcomes every flow may use; a flow adds its own and may name these in its own words."""


@dataclass(frozen=True, slots=True)
class ChoiceView:
    """What can be done at an open step; `grounds` is none, optional or required."""

    code: str
    name: str
    grounds: str
    grounds_list: tuple[str, ...]
    remedies: str
    form_id: str
    outcome: str
    decides: bool
    words: str
    by: str
    effects: tuple[str, ...] = ()
    is_good: bool = False  # it ends the case well


@dataclass(frozen=True, slots=True)
class ClockView:
    """A time limit of a case, or of a task when `task_id` is set; `due_at` is None while paused and after the end."""

    id: int
    name: str
    title: str
    task_id: int | None
    limit: Limit
    started_at: datetime
    due_at: datetime | None
    yellow_at: datetime | None
    stopped_at: datetime | None
    is_paused: bool
    is_provisional: bool
    pauses: tuple["PauseView", ...]
    extensions: tuple["ExtensionView", ...]
    used_days: int
    uncounted_days: int
    lamp: Lamp

    @property
    def used(self) -> Limit:
        """How much of the limit is used up, in its unit."""
        return Limit(min(self.used_days, LIMIT_MAX), self.limit.unit)


@dataclass(frozen=True, slots=True)
class PauseView:
    """Time that is not counted, and why; `until` is None while it lasts."""

    reason: str
    title: str
    basis: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class ExtensionView:
    limit: Limit
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class TaskView:
    """A step of a case that somebody has to do, or did; `due_at` is the nearest of the limits that bind it."""

    id: int
    case_id: int
    step: str
    name: str
    kind: TaskKind
    org_id: int
    post: str
    assignee_id: int | None
    status: TaskStatus
    opened_at: datetime
    signed_at: datetime | None
    closed_at: datetime | None
    closed_by_id: int | None
    choice: str
    due_at: datetime | None
    yellow_at: datetime | None
    words: str
    choices: tuple[ChoiceView, ...]
    outside_reference: str = ""
    # Which of the many tasks of a step it is; empty for a step of one, and for a step of many as a whole.
    instance: str = ""


@dataclass(frozen=True, slots=True)
class CaseToOpen:
    """What a case of `open_many` begins with. `title` names nobody; `subject` and `data` are sealed."""

    title: str
    org_id: int
    region_code: str
    subject: str = ""
    applicant_id: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    limits: Mapping[str, Limit] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case as it stands. `subject` is personal: lists show it masked."""

    id: int
    number: str
    query_code: str
    kind: str
    title: str
    subject: str
    flow_id: str
    flow_version: int
    flow_hash: str
    status: CaseStatus
    outcome: str
    outcome_name: str
    org_id: int
    region_code: str
    applicant_id: int | None
    filed_by_id: int | None
    root_id: int
    parent_id: int | None
    slot: str
    opened_at: datetime
    accepted_at: datetime | None
    decided_at: datetime | None
    closed_at: datetime | None
    steps_open: tuple[TaskView, ...]
    clocks: tuple[ClockView, ...]
    version: int

    @property
    def is_open(self) -> bool:
        return self.status == CaseStatus.OPEN

    @property
    def is_root(self) -> bool:
        return self.root_id == self.id


@dataclass(frozen=True, slots=True)
class SlotView:
    """A sub-case's place: `case` is None until what it waits for is done. `is_good` tells how it came out."""

    id: int
    parent_id: int
    step: str
    slot: str
    title: str
    after: tuple[str, ...]
    status: SlotStatus
    org_id: int
    is_good: bool
    case: CaseView | None


@dataclass(frozen=True, slots=True)
class FamilyView:
    """A root case with everything below it; `results` is what each finished slot handed on."""

    root: CaseView
    slots: tuple[SlotView, ...]
    results: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EventView:
    """One line of a case's history. `effective_at` is when it counts in law, `recorded_at` when it was written down."""

    id: int
    case_id: int
    kind: str
    step: str
    step_name: str
    choice: str
    choice_name: str
    sentence: str
    grounds: str
    form: Mapping[str, Any]
    actor_kind: str
    actor_id: int | None
    org_id: int | None
    as_backup: bool
    is_visible: bool
    effective_at: datetime
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class AttachmentView:
    id: int
    case_id: int
    file_id: int
    role: str
    title: str
    is_visible: bool
    attached_at: datetime
    attached_by_id: int | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a flow stands in a rehearsal."""

    open: frozenset[str]
    outcome: str
    is_ended: bool


@dataclass(frozen=True, slots=True)
class WorkRow:
    """One line of a work list."""

    task_id: int
    case_id: int
    number: str
    kind: str
    title: str
    applicant_id: int | None
    applicant: str
    step: str
    step_name: str
    task_kind: TaskKind
    org_id: int
    org_name: str
    post: str
    assignee_id: int | None
    is_signed: bool
    opened_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    lamp: Lamp


@dataclass(frozen=True, slots=True)
class Part:
    """One sub-case that a plan asks for; it opens once every slot in `after` came out well."""

    slot: str
    title: str
    kind: str
    flow: str
    org_id: int
    after: tuple[str, ...] = ()
    subject: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    limits: Mapping[str, Limit] = field(default_factory=dict)
    region_code: str = ""
    applicant_id: int | None = None
