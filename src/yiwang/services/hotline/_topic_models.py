"""The tables of classification, hot topics and imported history; part of `models`."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from yiwang.kernel.base.fields import SealedTextField


class TicketSignature(models.Model):
    """A ticket's most telling pieces as keyed numbers, and what the machine would have suggested when it came in.

    A 举报 has none: nothing of it leaves its own row.
    """

    PLAIN: ClassVar = frozenset({"region_code", "advice", "model"})

    ticket = models.OneToOneField("hotline.Ticket", models.PROTECT, primary_key=True, related_name="+")
    pieces = ArrayField(models.IntegerField())
    # Of how many messages the rarity of pieces was known then.
    known = models.PositiveIntegerField()
    region_code = models.CharField(max_length=12)
    received_at = models.DateTimeField()
    advice = models.CharField(max_length=20, default="")
    sure = models.PositiveSmallIntegerField(default=0)
    model = models.CharField(max_length=12, default="")

    class Meta:
        indexes = (models.Index(fields=["received_at", "ticket"], name="signature_received"),)
        constraints = (models.CheckConstraint(condition=Q(sure__lte=100), name="signature_percent"),)


class Topic(models.Model):
    """Messages of one matter. `name` is made of words that several people used, so it is sealed as they are."""

    PLAIN: ClassVar = frozenset({"category", "region_code"})

    name = SealedTextField()
    category = models.CharField(max_length=20, default="")
    region_code = models.CharField(max_length=12)
    middle = models.ForeignKey("hotline.Ticket", models.PROTECT, related_name="+", db_index=False)
    pieces = ArrayField(models.IntegerField())
    tickets = models.PositiveIntegerField()
    callers = models.PositiveIntegerField()
    # Tickets of each of the last weeks, the oldest first.
    weeks = ArrayField(models.PositiveIntegerField())
    # How likely so many in the last week were if nothing had changed, in millionths.
    chance_ppm = models.PositiveIntegerField()
    is_rising = models.BooleanField(default=False)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    found_at = models.DateTimeField()
    is_current = models.BooleanField(default=True)

    class Meta:
        indexes = (models.Index(fields=["-callers", "-tickets", "id"], condition=Q(is_current=True), name="topic_hot"),)


class TopicTicket(models.Model):
    """A message behind a topic; each is behind one at most."""

    PLAIN: ClassVar[frozenset[str]] = frozenset()

    ticket = models.OneToOneField("hotline.Ticket", models.PROTECT, primary_key=True, related_name="+")
    topic = models.ForeignKey(Topic, models.PROTECT, related_name="+")


class TopicRun(models.Model):
    """One search for topics: how many messages it looked at and what it found."""

    PLAIN: ClassVar[frozenset[str]] = frozenset()

    at = models.DateTimeField()
    since = models.DateTimeField()
    tickets = models.PositiveIntegerField()
    signed = models.PositiveIntegerField()
    topics = models.PositiveIntegerField()
    rising = models.PositiveIntegerField()
    took_ms = models.PositiveIntegerField()


class MonthlyQuestion(models.Model):
    """每月一题: a topic that was chosen to be solved at its root in a month, and who leads."""

    PLAIN: ClassVar = frozenset({"category"})

    month = models.DateField()
    topic = models.ForeignKey(Topic, models.PROTECT, null=True, related_name="+", db_index=False)
    category = models.CharField(max_length=20, default="")
    title = SealedTextField()
    plan = SealedTextField()
    lead_org = models.ForeignKey("orgs.Organisation", models.PROTECT, related_name="+", db_index=False)
    account_id = models.BigIntegerField(null=True)
    chosen_at = models.DateTimeField()
    dropped_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=["-month", "id"], name="question_month"),)
        constraints = (
            models.UniqueConstraint(
                fields=["month", "topic"],
                condition=Q(dropped_at__isnull=True, topic__isnull=False),
                name="question_once_a_month",
            ),
        )


class PastFacts(models.Model):
    """What an imported ticket brought along that ours have no place for."""

    PLAIN: ClassVar[frozenset[str]] = frozenset()

    ticket = models.OneToOneField("hotline.Ticket", models.PROTECT, primary_key=True, related_name="+")
    likes = models.PositiveIntegerField(null=True)
    dislikes = models.PositiveIntegerField(null=True)
    replied_at = models.DateTimeField(null=True)
    completeness = models.SmallIntegerField(null=True)
    clarity = models.SmallIntegerField(null=True)
