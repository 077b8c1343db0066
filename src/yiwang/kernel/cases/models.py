"""Tables of cases: a case is a row, its open tasks are rows, its clocks are rows, every change adds an event."""

from datetime import UTC, datetime
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from yiwang.kernel.base.fields import SealedJSONField, SealedTextField
from yiwang.kernel.cases._redating_models import Redating as Redating
from yiwang.kernel.cases._redating_models import RedatingRun as RedatingRun
from yiwang.kernel.cases.contracts import CaseStatus, OutsideKind, SlotStatus, TaskKind, TaskStatus

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""Stored where a work list needs a due time and there is none: lists are ordered by it and know no nulls."""


def _is(status: str) -> Q:
    return Q(status=status)


class Case(models.Model):
    """Something that is handled. `title` names what it is, never whom it concerns: that is `subject`."""

    PLAIN: ClassVar = frozenset(
        {
            "number",
            "query_code",
            "kind",
            "title",
            "flow_id",
            "flow_hash",
            "status",
            "outcome",
            "region_code",
            "slot",
            "limits",
            "marking",
        }
    )

    number = models.CharField(max_length=24, unique=True)
    query_code = models.CharField(max_length=8, unique=True)
    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    subject = SealedTextField()
    flow_id = models.CharField(max_length=120)
    flow_version = models.PositiveIntegerField()
    flow_hash = models.CharField(max_length=64)
    status = models.CharField(max_length=10, default=CaseStatus.OPEN.value)
    outcome = models.CharField(max_length=40, default="")
    org = models.ForeignKey("orgs.Organisation", models.PROTECT, related_name="+", db_index=False)
    region_code = models.CharField(max_length=12)
    applicant = models.ForeignKey("people.Party", models.PROTECT, null=True, related_name="+", db_index=False)
    filed_by = models.ForeignKey("people.Account", models.PROTECT, null=True, related_name="+", db_index=False)
    # None for a root: its own id is not known before it is inserted.
    root = models.ForeignKey("self", models.PROTECT, null=True, related_name="+", db_index=False)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="+", db_index=False)
    slot = models.CharField(max_length=80, default="")
    opened_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    reopened_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=0)
    limits = models.JSONField(default=dict)
    marking = models.JSONField(default=dict)
    children = models.PositiveIntegerField(default=0)
    data = SealedJSONField()
    result = SealedJSONField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=["applicant", "id"], name="case_of_applicant"),
            models.Index(fields=["org", "opened_at"], name="case_opened"),
            models.Index(fields=["org", "closed_at"], condition=_is(CaseStatus.CLOSED), name="case_closed"),
            models.Index(fields=["root"], condition=Q(root__isnull=False), name="case_of_root"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(root__isnull=True, parent__isnull=True) | Q(root__isnull=False, parent__isnull=False),
                name="case_child_has_root",
            ),
            models.CheckConstraint(
                condition=Q(status=CaseStatus.OPEN, closed_at__isnull=True)
                | Q(status=CaseStatus.CLOSED, closed_at__isnull=False),
                name="case_closed_when_closed",
            ),
        )

    @property
    def family_id(self) -> int:
        """The id of the root of this case's family."""
        return self.root_id or self.pk


class Task(models.Model):
    """A step of a case that is open or was; open ones are every work list there is.

    `due_at` is the nearest of the task's own limit and the case's clocks, NEVER without one.
    """

    PLAIN: ClassVar = frozenset({"step", "instance", "kind", "post", "status", "how", "choice", "case_kind"})

    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    step = models.CharField(max_length=40)
    instance = models.CharField(max_length=40, default="")
    kind = models.CharField(max_length=10, choices=[(k.value, k.name) for k in TaskKind])
    org = models.ForeignKey("orgs.Organisation", models.PROTECT, related_name="+", db_index=False)
    post = models.CharField(max_length=120, default="")
    assignee = models.ForeignKey("people.Account", models.PROTECT, null=True, related_name="+", db_index=False)
    applicant = models.ForeignKey("people.Party", models.PROTECT, null=True, related_name="+", db_index=False)
    case_kind = models.CharField(max_length=40)
    status = models.CharField(max_length=10, default=TaskStatus.OPEN.value)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField(default=NEVER)
    yellow_at = models.DateTimeField(default=NEVER)
    is_paused = models.BooleanField(default=False)
    signed_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey("people.Account", models.PROTECT, null=True, related_name="+", db_index=False)
    how = models.CharField(max_length=10, default="")
    choice = models.CharField(max_length=40, default="")

    class Meta:
        indexes = (
            models.Index(
                fields=["org", "post", "due_at", "id"],
                condition=Q(status=TaskStatus.OPEN, kind=TaskKind.POST, assignee__isnull=True),
                name="task_of_post",
            ),
            models.Index(
                fields=["org", "post", "yellow_at"],
                include=["due_at"],
                condition=Q(status=TaskStatus.OPEN, kind=TaskKind.POST, assignee__isnull=True),
                name="task_turning_yellow",
            ),
            models.Index(fields=["org", "kind", "due_at", "id"], condition=_is(TaskStatus.OPEN), name="task_of_org"),
            models.Index(fields=["kind", "due_at", "id"], condition=_is(TaskStatus.OPEN), name="task_by_due"),
            models.Index(
                fields=["assignee", "due_at", "id"],
                condition=Q(status=TaskStatus.OPEN, assignee__isnull=False),
                name="task_of_assignee",
            ),
            models.Index(
                fields=["applicant", "due_at", "id"],
                condition=Q(status=TaskStatus.OPEN, kind=TaskKind.APPLICANT),
                name="task_of_applicant",
            ),
            models.Index(fields=["closed_by", "closed_at", "id"], condition=_is(TaskStatus.DONE), name="task_done_by"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["case", "step", "instance"], condition=_is(TaskStatus.OPEN), name="task_open_once"
            ),
            models.CheckConstraint(
                condition=Q(status=TaskStatus.OPEN, closed_at__isnull=True)
                | (~Q(status=TaskStatus.OPEN) & Q(closed_at__isnull=False)),
                name="task_closed_when_closed",
            ),
        )


class Clock(models.Model):
    """A time limit that runs: over a case (`task` is None) or over one task.

    `due_at` and `yellow_at` are derived and stored; a paused clock has none. `fires_at` is when the sweep must look.
    """

    PLAIN: ClassVar = frozenset({"name", "unit"})

    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    task = models.ForeignKey(Task, models.PROTECT, null=True, related_name="+", db_index=False)
    name = models.CharField(max_length=50)
    n = models.PositiveIntegerField()
    extra = models.PositiveIntegerField(default=0)
    unit = models.CharField(max_length=10)
    started_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    yellow_at = models.DateTimeField(null=True)
    fires_at = models.DateTimeField(null=True)
    is_provisional = models.BooleanField(default=False)
    is_paused = models.BooleanField(default=False)
    yellow_fired_at = models.DateTimeField(null=True)
    due_fired_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    used = models.IntegerField(null=True)
    uncounted = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = (
            models.Index(fields=["fires_at"], condition=Q(fires_at__isnull=False), name="clock_fires"),
            models.Index(
                fields=["due_at"],
                condition=Q(stopped_at__isnull=True, is_provisional=True),
                name="clock_provisional",
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["case", "name"], condition=Q(task__isnull=True, stopped_at__isnull=True), name="clock_once"
            ),
            models.UniqueConstraint(fields=["task"], condition=Q(task__isnull=False), name="clock_of_task"),
            models.CheckConstraint(
                condition=Q(is_paused=False) | Q(due_at__isnull=True, fires_at__isnull=True),
                name="clock_paused_has_no_due",
            ),
            models.CheckConstraint(
                condition=Q(stopped_at__isnull=True) | Q(fires_at__isnull=True), name="clock_stopped_is_silent"
            ),
        )


class ClockPause(models.Model):
    """Time that is not counted by a clock, and the reason."""

    PLAIN: ClassVar = frozenset({"reason"})

    clock = models.ForeignKey(Clock, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=40)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["clock"], condition=Q(ended_at__isnull=True), name="pause_open_once"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")), name="pause_ends_after"
            ),
        )


class ClockExtension(models.Model):
    """More time for a clock, and why; in the unit of the clock."""

    PLAIN: ClassVar[frozenset[str]] = frozenset()

    clock = models.ForeignKey(Clock, models.PROTECT, related_name="+")
    n = models.PositiveIntegerField()
    reason = SealedTextField()
    account = models.ForeignKey("people.Account", models.PROTECT, null=True, related_name="+", db_index=False)
    extended_at = models.DateTimeField()


class CaseEvent(models.Model):
    """One thing that happened to a case; only added. Counts in law at `effective_at`."""

    PLAIN: ClassVar = frozenset({"kind", "step", "choice", "actor_kind", "detail"})

    case = models.ForeignKey(Case, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=20)
    step = models.CharField(max_length=40, default="")
    choice = models.CharField(max_length=40, default="")
    actor_kind = models.CharField(max_length=10)
    account = models.ForeignKey("people.Account", models.PROTECT, null=True, related_name="+", db_index=False)
    org = models.ForeignKey("orgs.Organisation", models.PROTECT, null=True, related_name="+", db_index=False)
    as_backup = models.BooleanField(default=False)
    is_visible = models.BooleanField(default=True)
    grounds = SealedTextField(null=True)
    form = SealedJSONField(null=True)
    detail = models.JSONField(null=True)
    effective_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["case", "id"], name="event_of_case"),)


class Correction(models.Model):
    """更正或撤销 of a decision: the event that took it, what it was, and what takes its place; only added."""

    PLAIN: ClassVar = frozenset({"code", "outcome_before", "outcome"})

    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    decision = models.ForeignKey(CaseEvent, models.PROTECT, null=True, related_name="+", db_index=False)
    code = models.CharField(max_length=40)
    outcome_before = models.CharField(max_length=40)
    decided_before_at = models.DateTimeField()
    outcome = models.CharField(max_length=40, default="")
    reason = SealedTextField()
    account = models.ForeignKey("people.Account", models.PROTECT, null=True, related_name="+", db_index=False)
    corrected_at = models.DateTimeField()


class Attachment(models.Model):
    """A file that belongs to a case; `role` says as what (`material:…`, `document:…`, `result`)."""

    PLAIN: ClassVar = frozenset({"role"})

    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    file = models.ForeignKey("files.StoredFile", models.PROTECT, related_name="+")
    role = models.CharField(max_length=120)
    title = SealedTextField()
    is_visible = models.BooleanField(default=True)
    attached_at = models.DateTimeField()
    attached_by = models.ForeignKey("people.Account", models.PROTECT, null=True, related_name="+", db_index=False)


class SubcaseSlot(models.Model):
    """The place of a sub-case at a step of its parent, before and after the sub-case exists."""

    PLAIN: ClassVar = frozenset({"step", "slot", "title", "kind", "flow", "after", "limits", "region_code", "status"})

    parent = models.ForeignKey(Case, models.PROTECT, related_name="+")
    step = models.CharField(max_length=40)
    slot = models.CharField(max_length=80)
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    kind = models.CharField(max_length=40)
    flow = models.CharField(max_length=130)
    org = models.ForeignKey("orgs.Organisation", models.PROTECT, related_name="+", db_index=False)
    after = ArrayField(models.CharField(max_length=80))
    subject = SealedTextField()
    data = SealedJSONField()
    limits = models.JSONField()
    region_code = models.CharField(max_length=12)
    applicant = models.ForeignKey("people.Party", models.PROTECT, null=True, related_name="+", db_index=False)
    status = models.CharField(max_length=10, default=SlotStatus.WAITING.value)
    is_good = models.BooleanField(default=False)
    case = models.OneToOneField(Case, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["parent", "slot"], name="slot_once"),)


class OutsideCall(models.Model):
    """What an outside system was asked to handle, for one task; pushed again until it is taken."""

    PLAIN: ClassVar = frozenset({"system", "message_id", "reference", "their_number"})

    task = models.OneToOneField(Task, models.PROTECT, related_name="+")
    system = models.CharField(max_length=40)
    message_id = models.CharField(max_length=64, unique=True)
    reference = models.CharField(max_length=80, unique=True)
    attempts = models.PositiveIntegerField(default=0)
    # None once the push arrived, or is no longer wanted.
    next_try_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    their_number = models.CharField(max_length=80, default="")

    class Meta:
        indexes = (
            models.Index(fields=["next_try_at"], condition=Q(next_try_at__isnull=False), name="outside_to_push"),
            models.Index(
                fields=["system", "sent_at"],
                condition=Q(answered_at__isnull=True, sent_at__isnull=False),
                name="outside_unanswered",
            ),
        )


class OutsideMessage(models.Model):
    """A report of an outside system as it came in; its id counts once, however often it is sent."""

    PLAIN: ClassVar = frozenset({"system", "message_id", "reference", "kind"})

    system = models.CharField(max_length=40)
    message_id = models.CharField(max_length=120)
    call = models.ForeignKey(OutsideCall, models.PROTECT, related_name="+")
    reference = models.CharField(max_length=80)
    kind = models.CharField(max_length=10, choices=[(k.value, k.name) for k in OutsideKind])
    payload = SealedJSONField()
    received_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["system", "message_id"], name="outside_message_once"),)


class Urge(models.Model):
    """催办: somebody who waits asked for speed."""

    PLAIN: ClassVar[frozenset[str]] = frozenset()

    case = models.ForeignKey(Case, models.PROTECT, related_name="+", db_index=False)
    account = models.ForeignKey("people.Account", models.PROTECT, null=True, related_name="+", db_index=False)
    words = SealedTextField()
    urged_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["case", "urged_at"], name="urge_of_case"),)
