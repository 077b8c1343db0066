"""Ratings, and the case that follows a bad one."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from yiwang.kernel.base.fields import SealedTextField
from yiwang.services.feedback.contracts import Channel, Level


class Invitation(models.Model):
    """A closed case that waits to be rated until a moment; then its silence is recorded."""

    PLAIN: ClassVar = frozenset({"subject"})

    case = models.OneToOneField("cases.Case", models.PROTECT, related_name="+")
    org = models.ForeignKey("orgs.Organisation", models.PROTECT, related_name="+")
    party = models.ForeignKey("people.Party", models.PROTECT, related_name="+")
    subject = models.CharField(max_length=120, default="")
    expires_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(
                fields=["expires_at"],
                condition=models.Q(settled_at__isnull=True),
                name="feedback_waiting",
            ),
            models.Index(
                fields=["party", "id"],
                condition=models.Q(settled_at__isnull=True),
                name="feedback_of_party",
            ),
        )


class Rating(models.Model):
    """What somebody said of one case on one channel, or that nobody said anything (`level` null)."""

    PLAIN: ClassVar = frozenset({"channel", "tags", "subject"})

    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="+")
    org = models.ForeignKey("orgs.Organisation", models.PROTECT, related_name="+")
    # What was handled (a matter's or journey's id): ratings are shown on its guide page.
    subject = models.CharField(max_length=120, default="")
    level = models.PositiveSmallIntegerField(null=True, choices=[(v.value, v.name) for v in Level])
    channel = models.CharField(max_length=10, choices=[(c.value, c.name) for c in Channel])
    tags = ArrayField(models.CharField(max_length=40), default=list)
    words = SealedTextField(null=True)
    rated_at = models.DateTimeField()
    account_id = models.BigIntegerField(null=True)
    follow_up = models.ForeignKey("cases.Case", models.PROTECT, null=True, related_name="+")
    excluded_at = models.DateTimeField(null=True)
    again = models.PositiveSmallIntegerField(null=True, choices=[(v.value, v.name) for v in Level])
    again_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["case", "channel"], name="feedback_once_a_channel"),)
        indexes = (
            models.Index(fields=["org", "rated_at"], name="feedback_by_org"),
            models.Index(fields=["subject", "rated_at"], name="feedback_by_subject"),
        )
