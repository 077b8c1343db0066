"""What the routes of cases take and give."""

from datetime import datetime
from typing import Annotated, Any

from ninja import Schema
from pydantic import Field

Size = Annotated[int, Field(ge=1, le=100)]
Code = Annotated[str, Field(max_length=40)]
Words = Annotated[str, Field(max_length=5000)]


class ChoiceOut(Schema):
    code: str
    name: str
    grounds: str
    grounds_list: list[str]
    remedies: str
    form_id: str
    by: str


class TaskOut(Schema):
    id: int
    step: str
    instance: str
    name: str
    kind: str
    org_id: int
    post: str
    assignee_id: int | None
    opened_at: datetime
    due_at: datetime | None
    words: str
    choices: list[ChoiceOut]


class PauseOut(Schema):
    title: str
    basis: str
    since: datetime
    until: datetime | None


class ClockOut(Schema):
    """A time limit; days that are not counted stand apart, with the reason."""

    name: str
    title: str
    task_id: int | None
    limit: str
    started_at: datetime
    due_at: datetime | None
    stopped_at: datetime | None
    is_provisional: bool
    used_days: int
    uncounted_days: int
    lamp: str
    pauses: list[PauseOut]

    @staticmethod
    def resolve_limit(clock: Any) -> str:
        return str(clock.limit.text)


class CaseOut(Schema):
    """A case as it stands; `subject` is masked for everyone but its applicant."""

    id: int
    number: str
    kind: str
    title: str
    subject: str
    status: str
    outcome: str
    outcome_name: str
    org_id: int
    root_id: int
    parent_id: int | None
    slot: str
    opened_at: datetime
    accepted_at: datetime | None
    decided_at: datetime | None
    closed_at: datetime | None
    steps_open: list[TaskOut]
    clocks: list[ClockOut]
    version: int


class EventOut(Schema):
    kind: str
    sentence: str
    step: str
    choice: str
    grounds: str
    effective_at: datetime
    recorded_at: datetime


class WorkRowOut(Schema):
    task_id: int
    case_id: int
    number: str
    kind: str
    title: str
    applicant: str
    step: str
    step_name: str
    task_kind: str
    org_name: str
    assignee_id: int | None
    is_signed: bool
    opened_at: datetime
    due_at: datetime | None
    lamp: str


class WorkPageOut(Schema):
    items: list[WorkRowOut]
    next_cursor: str | None
    previous_cursor: str | None


class CasePageOut(Schema):
    items: list[CaseOut]
    next_cursor: str | None
    previous_cursor: str | None


class AdvanceIn(Schema):
    """`expected_version` is the version of the case that the choice was made on; `instance` names one of many tasks."""

    step: Code
    instance: Code = ""
    choice: Code
    form: dict[str, Any] = {}
    grounds: Words = ""
    expected_version: int | None = None


class ReasonIn(Schema):
    reason: Words = ""


class PauseIn(Schema):
    reason: Code
    words: Words = ""


class ExtendIn(Schema):
    clock: Code
    limit: Annotated[str, Field(max_length=40)]
    reason: Words


class NoteIn(Schema):
    text: Words
    is_visible: bool = False


class SignIn(Schema):
    task_ids: Annotated[list[int], Field(max_length=100)]


class HandOverIn(Schema):
    to_account_id: int
    reason: Words


class UrgedOut(Schema):
    again_at: datetime


class RecallIn(Schema):
    step: Code
    instance: Code = ""


class ReturnIn(Schema):
    """`step` is the open step one stands at, `to` the earlier one."""

    step: Code
    to: Code
    grounds: Words
    expected_version: int | None = None


class ReopenIn(Schema):
    step: Code
    reason: Words


class CorrectIn(Schema):
    """`correction` is one of those that the flow of the case names."""

    correction: Code
    reason: Words


class StepBackOut(Schema):
    step: str
    name: str
    instance: str
    choice_name: str


class CorrectionWayOut(Schema):
    code: str
    name: str
    words: str
    basis: str
    to: str


class CorrectionOut(Schema):
    id: int
    code: str
    name: str
    outcome_before: str
    decided_before_at: datetime
    outcome: str
    reason: str
    corrected_at: datetime


class ReceiverOut(Schema):
    """Whom a task may be handed over to: `id` is the `to_account_id` of the hand-over."""

    id: int
    name: str


class RemediesOut(Schema):
    """What may be taken back, handed over (by task), reopened or put right now, and what was put right before."""

    recallable: list[StepBackOut]
    receivers: dict[int, list[ReceiverOut]]
    returns: dict[str, list[StepBackOut]]
    reopenings: list[StepBackOut]
    correction_ways: list[CorrectionWayOut]
    corrections: list[CorrectionOut]


class OpinionOut(Schema):
    task_id: int
    instance: str
    org_name: str
    status: str
    choice: str
    choice_name: str
    counts: bool
    grounds: str
    closed_at: datetime | None
    due_at: datetime | None
    lamp: str


class RoundOut(Schema):
    """One round of a step that asks many; `needed` answers that count lead on."""

    step: str
    name: str
    is_open: bool
    among: int
    answered: int
    counted: int
    needed: int
    opened_at: datetime
    opinions: list[OpinionOut]
