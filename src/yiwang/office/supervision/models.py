"""What gave cause for a card, and the cards."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from yiwang.kernel.base.fields import SealedTextField
from yiwang.office.supervision.contracts import CardStatus, Colour


class Cause(models.Model):
    """A limit that ran out, or a case that was urged: watched until the step is done."""

    PLAIN: ClassVar = frozenset({"event", "clock"})

    event = models.CharField(max_length=20)
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="+", db_index=False)
    clock = models.CharField(max_length=50, default="")
    task_id = models.BigIntegerField(default=0)
    org = models.ForeignKey("orgs.Organisation", models.PROTECT, related_name="+", db_index=False)
    found_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["case", "event", "clock", "task_id"], name="cause_once"),)
        indexes = (models.Index(fields=["id"], condition=Q(settled_at__isnull=True), name="cause_watched"),)


class Card(models.Model):
    """A warning, or a yellow or red card with its case. The number is drawn when it is issued."""

    PLAIN: ClassVar = frozenset({"colour", "status", "number", "rule"})

    colour = models.CharField(max_length=10, choices=[(c.value, c.name) for c in Colour])
    status = models.CharField(max_length=10, choices=[(s.value, s.name) for s in CardStatus])
    number = models.CharField(max_length=60, default="")
    org = models.ForeignKey("orgs.Organisation", models.PROTECT, related_name="+", db_index=False)
    issuer = models.ForeignKey("orgs.Organisation", models.PROTECT, related_name="+", db_index=False)
    watched = models.ForeignKey("cases.Case", models.PROTECT, related_name="+")
    case = models.OneToOneField("cases.Case", models.PROTECT, null=True, related_name="+")
    cause = models.ForeignKey(Cause, models.PROTECT, null=True, related_name="+", db_index=False)
    rule = models.CharField(max_length=120, default="")
    reason = SealedTextField(null=True)
    score = models.PositiveSmallIntegerField(default=0)
    proposed_at = models.DateTimeField()
    issued_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["cause", "colour"], condition=Q(cause__isnull=False), name="card_once_a_cause"
            ),
            models.UniqueConstraint(fields=["number"], condition=~Q(number=""), name="card_number_once"),
            models.CheckConstraint(
                condition=Q(colour=Colour.WARNING, case__isnull=True)
                | (~Q(colour=Colour.WARNING) & Q(case__isnull=False)),
                name="card_has_case_unless_warning",
            ),
        )
        indexes = (
            models.Index(fields=["org", "proposed_at"], name="card_of_org"),
            models.Index(fields=["issuer", "proposed_at"], name="card_of_issuer"),
        )
