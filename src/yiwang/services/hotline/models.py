"""Tickets: the facts beside a case; rulings, screenings, call-backs."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from yiwang.kernel.base.fields import SealedJSONField, SealedTextField
from yiwang.services.hotline._topic_models import MonthlyQuestion as MonthlyQuestion
from yiwang.services.hotline._topic_models import PastFacts as PastFacts
from yiwang.services.hotline._topic_models import TicketSignature as TicketSignature
from yiwang.services.hotline._topic_models import Topic as Topic
from yiwang.services.hotline._topic_models import TopicRun as TopicRun
from yiwang.services.hotline._topic_models import TopicTicket as TopicTicket
from yiwang.services.hotline.contracts import Channel, TicketKind, Urgency


class Ticket(models.Model):
    """One thing that somebody wants seen to. Who it is stands sealed in `caller`.

    A 举报 has neither `phone_index` nor `party`: nothing leads from a number or a person to it.
    """

    PLAIN: ClassVar = frozenset(
        {
            "number",
            "kind",
            "channel",
            "category",
            "region_code",
            "grid_code",
            "urgency",
            "external_source",
            "external_number",
            "phone_index",
            "informant_index",
            "intake_key",
            "intake_digest",
            "outcome",
            "excluded",
        }
    )

    case = models.OneToOneField("cases.Case", models.PROTECT, related_name="+")
    number = models.CharField(max_length=24, unique=True)
    # The hotline's own office, whose operators handle it.
    org = models.ForeignKey("orgs.Organisation", models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=12, choices=[(k.value, k.name) for k in TicketKind])
    channel = models.CharField(max_length=10, choices=[(c.value, c.name) for c in Channel])
    category = models.CharField(max_length=20, default="")
    content = SealedTextField()
    answer = SealedTextField(null=True)
    caller = SealedJSONField()
    phone_index = models.CharField(max_length=64, default="")
    party = models.ForeignKey("people.Party", models.PROTECT, null=True, related_name="+", db_index=False)
    informant_index = models.CharField(max_length=64, default="")
    place = SealedTextField(null=True)
    lon = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    lat = models.DecimalField(max_digits=8, decimal_places=6, null=True)
    region_code = models.CharField(max_length=12)
    grid_code = models.CharField(max_length=20, default="")
    urgency = models.CharField(max_length=10, choices=[(u.value, u.name) for u in Urgency], default="normal")
    external_source = models.CharField(max_length=40, default="")
    external_number = models.CharField(max_length=80, default="")
    intake_key = models.CharField(max_length=64, unique=True)
    intake_digest = models.CharField(max_length=64)
    received_at = models.DateTimeField()
    is_confidential = models.BooleanField(default=False)
    # Numbers that say how alike two texts are, and nothing of what they say.
    sketch = ArrayField(models.BigIntegerField(), default=list)
    bands = ArrayField(models.BigIntegerField(), default=list)

    lead_org = models.ForeignKey("orgs.Organisation", models.PROTECT, null=True, related_name="+", db_index=False)
    dispatched_at = models.DateTimeField(null=True)
    respond_due_at = models.DateTimeField(null=True)
    responded_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    # When the case last went to a step of the unit: what is left is reckoned from here.
    moved_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    is_late = models.BooleanField(default=False)
    returns = models.PositiveSmallIntegerField(default=0)
    redone = models.PositiveSmallIntegerField(default=0)
    calls = models.PositiveSmallIntegerField(default=0)
    is_ruled = models.BooleanField(default=False)
    asked_days = models.PositiveSmallIntegerField(null=True)
    is_extended = models.BooleanField(default=False)
    plan = SealedTextField(null=True)
    review_on = models.DateField(null=True)
    is_parked = models.BooleanField(default=False)
    contacted = models.BooleanField(null=True)
    solved = models.BooleanField(null=True)
    satisfaction = models.PositiveSmallIntegerField(null=True)
    outcome = models.CharField(max_length=40, default="")
    excluded = models.CharField(max_length=40, default="")
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=["org", "-received_at", "-id"], name="ticket_received"),
            # Who watches many hotlines walks all tickets from the newest.
            models.Index(fields=["-received_at", "-id"], name="ticket_newest"),
            models.Index(fields=["lead_org", "dispatched_at"], name="ticket_of_unit"),
            models.Index(fields=["category", "received_at"], name="ticket_of_category"),
            models.Index(fields=["phone_index", "-id"], condition=~Q(phone_index=""), name="ticket_of_phone"),
            models.Index(fields=["party", "-id"], condition=Q(party__isnull=False), name="ticket_of_party"),
            models.Index(
                fields=["informant_index", "-id"], condition=~Q(informant_index=""), name="ticket_of_informant"
            ),
            models.Index(fields=["review_on"], condition=Q(is_parked=True), name="ticket_parked"),
            models.Index(
                fields=["due_at"],
                condition=Q(finished_at__isnull=True, due_at__isnull=False),
                name="ticket_due",
            ),
            models.Index(
                fields=["respond_due_at", "id"],
                condition=Q(responded_at__isnull=True, finished_at__isnull=True, respond_due_at__isnull=False),
                name="ticket_silent",
            ),
            models.Index(fields=["-id"], condition=Q(redone__gte=1, solved=False), name="ticket_redone"),
            GinIndex(fields=["bands"], name="ticket_bands"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["external_source", "external_number"],
                condition=~Q(external_number=""),
                name="ticket_external_once",
            ),
            models.CheckConstraint(
                condition=Q(is_confidential=False) | Q(phone_index="", party__isnull=True),
                name="ticket_informant_unfindable",
            ),
            models.CheckConstraint(
                condition=Q(lon__isnull=True, lat__isnull=True)
                | Q(lon__gte=-180, lon__lte=180, lat__gte=-90, lat__lte=90),
                name="ticket_on_earth",
            ),
            models.CheckConstraint(
                condition=Q(satisfaction__isnull=True) | Q(satisfaction__gte=1, satisfaction__lte=5),
                name="ticket_five_grades",
            ),
        )


class Ruling(models.Model):
    """会商裁定: from now on this topic at this place is this unit's. A newer one ends the older."""

    PLAIN: ClassVar = frozenset({"category", "region_code"})

    category = models.CharField(max_length=20)
    region_code = models.CharField(max_length=12)
    org = models.ForeignKey("orgs.Organisation", models.PROTECT, related_name="+", db_index=False)
    ticket = models.ForeignKey(Ticket, models.PROTECT, null=True, related_name="+", db_index=False)
    words = SealedTextField()
    account_id = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["category", "region_code"], condition=Q(ended_at__isnull=True), name="ruling_in_force_once"
            ),
        )


class Screening(models.Model):
    """甄别: who asked that a ticket be left out of the figures and why, and what somebody else decided."""

    PLAIN: ClassVar = frozenset({"reason"})

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="+", db_index=False)
    reason = models.CharField(max_length=40)
    words = SealedTextField()
    asked_by_id = models.BigIntegerField(null=True)
    asked_at = models.DateTimeField()
    decided_by_id = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)
    is_agreed = models.BooleanField(null=True)
    decision = SealedTextField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=["asked_at", "id"], condition=Q(decided_at__isnull=True), name="screening_open"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["ticket"], condition=Q(decided_at__isnull=True), name="screening_open_once"
            ),
            models.CheckConstraint(
                condition=Q(decided_by_id__isnull=True) | ~Q(decided_by_id=models.F("asked_by_id")),
                name="screening_second_person",
            ),
        )


class Assist(models.Model):
    """协办: the sub-case in which another unit helps the one that leads."""

    PLAIN: ClassVar[frozenset[str]] = frozenset()

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="+")
    case = models.OneToOneField("cases.Case", models.PROTECT, related_name="+")
    org = models.ForeignKey("orgs.Organisation", models.PROTECT, related_name="+", db_index=False)
    words = SealedTextField()
    asked_at = models.DateTimeField()


class Call(models.Model):
    """回访: one attempt to ask the caller, or the caller's own answer; only added."""

    PLAIN: ClassVar = frozenset({"channel"})

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="+")
    channel = models.CharField(max_length=10)
    is_reached = models.BooleanField()
    solved = models.BooleanField(null=True)
    satisfaction = models.PositiveSmallIntegerField(null=True)
    words = SealedTextField(null=True)
    account_id = models.BigIntegerField(null=True)
    called_at = models.DateTimeField()
