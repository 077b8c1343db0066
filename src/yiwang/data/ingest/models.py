"""Batches and what was set aside of them."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from yiwang.data.ingest.contracts import Stage, State
from yiwang.kernel.base.fields import SealedTextField


class Batch(models.Model):
    """One delivery of a source, known by the digest of its content: the same again is the same batch."""

    PLAIN: ClassVar = frozenset(
        {
            "source_id",
            "source_hash",
            "resource",
            "digest",
            "state",
            "encoding",
            "reasons",
            "drift",
            "types",
            "until",
            "words",
        }
    )

    source_id = models.CharField(max_length=120)
    source_hash = models.CharField(max_length=64)
    resource = models.CharField(max_length=100)
    digest = models.CharField(max_length=64)
    path = SealedTextField()  # a file's name may name somebody
    state = models.CharField(max_length=10, choices=[(state, state) for state in State])
    encoding = models.CharField(max_length=20, default="")
    read = models.BigIntegerField(default=0)
    taken = models.BigIntegerField(default=0)
    quarantined = models.BigIntegerField(default=0)
    duplicate = models.BigIntegerField(default=0)
    standard = models.BigIntegerField(default=0)
    unfit = models.BigIntegerField(default=0)
    progress = models.PositiveSmallIntegerField(default=0)
    reasons = models.JSONField(default=dict)
    drift = models.JSONField(default=dict)
    types = models.JSONField(default=dict)
    words = models.CharField(max_length=200, default="")
    # The mark of what was fetched, see _fetching.Delivery.
    until = models.CharField(max_length=100, default="", db_default="")
    released = models.BooleanField(default=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["source_id", "digest"], name="ingest_batch_once"),
            models.CheckConstraint(condition=Q(state__in=[str(state) for state in State]), name="ingest_batch_state"),
            models.CheckConstraint(
                condition=~Q(state="taken") | Q(read=F("taken") + F("quarantined") + F("duplicate")),
                name="ingest_batch_nothing_lost",
            ),
            models.CheckConstraint(
                condition=~Q(state="taken") | Q(standard=0, unfit=0) | Q(taken=F("standard") + F("unfit")),
                name="ingest_batch_standard_adds_up",
            ),
            models.CheckConstraint(condition=Q(progress__lte=100), name="ingest_batch_progress"),
        )
        indexes = (models.Index(fields=["-began_at", "-id"], name="ingest_batch_recent"),)


class Quarantined(models.Model):
    """One of the first rows of a batch that were set aside; all of them are in the lake."""

    PLAIN: ClassVar = frozenset({"stage", "column", "reason", "words"})

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="+")
    stage = models.CharField(max_length=10, choices=[(stage, stage) for stage in Stage])
    line = models.BigIntegerField()
    column = models.CharField(max_length=100, default="")
    reason = models.CharField(max_length=40)
    words = models.CharField(max_length=300)
    content = SealedTextField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["batch", "stage", "line", "column"], name="ingest_quarantined_once"),
        )


class Feed(models.Model):
    """A table whose changes we follow: the slot that its source keeps for us, and up to where its log has been taken in.

    The position is written before the slot is moved on, so a slot beyond it has been moved by somebody else.
    """

    PLAIN: ClassVar = frozenset({"source_id", "slot", "position"})

    source_id = models.CharField(max_length=120, unique=True)
    slot = models.CharField(max_length=60)
    position = models.CharField(max_length=40, default="")
    behind = models.BigIntegerField(default=0)
    looked_at = models.DateTimeField(null=True)
