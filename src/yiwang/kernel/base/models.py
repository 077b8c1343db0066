"""Counters and remembered intakes."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from yiwang.kernel.base.fields import SealedJSONField


class Counter(models.Model):
    """The last number given in a series; the row lock makes series gapless."""

    PLAIN: ClassVar = frozenset({"series"})

    series = models.CharField(max_length=120, primary_key=True)
    value = models.BigIntegerField(default=0)


class IdempotencyRecord(models.Model):
    """What an intake answered to a key, so that a repeat gets the same answer (kept 24 hours)."""

    PLAIN: ClassVar = frozenset({"route", "key", "actor", "body_hash"})

    route = models.CharField(max_length=120)
    key = models.CharField(max_length=120)
    actor = models.CharField(max_length=60)
    body_hash = models.CharField(max_length=64)
    result = SealedJSONField(null=True)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["route", "actor", "key"], name="base_one_intake"),)


class Throttle(models.Model):
    """How often one visitor did one thing in one window of time."""

    PLAIN: ClassVar = frozenset({"what", "visitor"})

    what = models.CharField(max_length=60)
    visitor = models.CharField(max_length=64)
    window = models.DateTimeField()
    count = models.PositiveIntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["what", "visitor", "window"], name="base_one_window"),)
        indexes = (models.Index(fields=["window"], name="base_window"),)


class Outbox(models.Model):
    """What one transaction published and nobody was told yet: numbers and codes, by name of the event."""

    PLAIN: ClassVar = frozenset({"events"})

    events = models.JSONField()
    # By the database's clock: an action may say that it happened long ago.
    queued_at = models.DateTimeField(db_default=Now())
