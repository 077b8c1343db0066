"""Messages out and in, how each line stands, and what the comparisons found."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from yiwang.kernel.base.fields import SealedJSONField, SealedTextField
from yiwang.support.connectors.contracts import DifferenceKind, PushState, ReportKind, ReportState, Via


def _choices(kind: type) -> list[tuple[str, str]]:
    return [(each.value, each.value) for each in kind]  # type: ignore[attr-defined]


class Push(models.Model):
    """One message to an outside system; it keeps its id over all attempts, so that the other side can tell a repeat."""

    PLAIN: ClassVar = frozenset(
        {"message_id", "system", "reference", "subject", "consumer", "about", "state", "receipt", "trouble"}
    )

    message_id = models.CharField(max_length=80, unique=True)
    system = models.CharField(max_length=60)
    reference = models.CharField(max_length=80)
    subject = models.CharField(max_length=60)
    consumer = models.CharField(max_length=40)
    about = models.CharField(max_length=40)
    content = SealedJSONField()
    state = models.CharField(max_length=10, choices=_choices(PushState), default=PushState.WAITING.value)
    attempts = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    receipt = models.CharField(max_length=80, default="")
    trouble = models.CharField(max_length=80, default="")
    created_at = models.DateTimeField()
    patience_from = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=["system", "next_at"], name="connectors_push_due", condition=Q(state="waiting")),
            models.Index(fields=["system", "reference", "id"], name="connectors_push_reference"),
            models.Index(fields=["system", "created_at"], name="connectors_push_created"),
            models.Index(fields=["about", "id"], name="connectors_push_about"),
        )


class Report(models.Model):
    """One message of an outside system, kept as it came."""

    PLAIN: ClassVar = frozenset(
        {"message_id", "system", "reference", "kind", "receipt", "digest", "via", "state", "trouble"}
    )

    system = models.CharField(max_length=60)
    message_id = models.CharField(max_length=80)
    push = models.ForeignKey(Push, models.PROTECT, related_name="+")
    reference = models.CharField(max_length=80)
    receipt = models.CharField(max_length=80)
    kind = models.CharField(max_length=10, choices=_choices(ReportKind))
    sequence = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    content = SealedJSONField()
    via = models.CharField(max_length=20, choices=_choices(Via))
    state = models.CharField(max_length=20, choices=_choices(ReportState))
    trouble = models.CharField(max_length=80, default="")
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["system", "message_id"], name="connectors_report_once"),)
        indexes = (models.Index(fields=["system", "reference", "sequence"], name="connectors_report_order"),)


class Line(models.Model):
    """How the line to a system stands: `failures` in a row, down since the first of them once they are too many."""

    PLAIN: ClassVar = frozenset({"system", "trouble"})

    system = models.CharField(max_length=60, primary_key=True)
    failures = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(null=True)
    down_since = models.DateTimeField(null=True)
    probe_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=80, default="")
    last_sent_at = models.DateTimeField(null=True)
    last_heard_at = models.DateTimeField(null=True)
    polled_sequence = models.BigIntegerField(default=0)
    polled_at = models.DateTimeField(null=True)


class Reconciliation(models.Model):
    """One comparison of one day with one system."""

    PLAIN: ClassVar = frozenset({"system"})

    system = models.CharField(max_length=60)
    day = models.DateField()
    run_at = models.DateTimeField()
    ours = models.PositiveIntegerField()
    theirs = models.PositiveIntegerField()
    repaired = models.PositiveIntegerField()
    differences = models.PositiveIntegerField()

    class Meta:
        indexes = (models.Index(fields=["system", "-id"], name="connectors_reconciliation_last"),)


class Difference(models.Model):
    """Something both sides do not agree on and that only people can settle."""

    PLAIN: ClassVar = frozenset({"system", "reference", "about", "kind", "detail"})

    system = models.CharField(max_length=60)
    reference = models.CharField(max_length=80)
    about = models.CharField(max_length=40)
    kind = models.CharField(max_length=20, choices=_choices(DifferenceKind))
    detail = models.JSONField(default=dict)
    found_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.BigIntegerField(null=True)
    settled_note = SealedTextField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["system", "reference", "kind"],
                name="connectors_difference_once",
                condition=Q(settled_at__isnull=True),
            ),
        )
