"""The tables of recomputations; part of `models`."""

from typing import ClassVar

from django.db import models
from django.db.models import Q


class RedatingRun(models.Model):
    """One recomputation of all running limits: how far it came, and what it changed. At most one is open."""

    PLAIN: ClassVar[frozenset[str]] = frozenset()

    release = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField()
    last_at = models.DateTimeField()
    is_open = models.BooleanField(default=True)
    is_superseded = models.BooleanField(default=False)
    last_clock = models.BigIntegerField(default=0)
    seen = models.PositiveIntegerField(default=0)
    moved = models.PositiveIntegerField(default=0)
    firmed = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["is_open"], condition=Q(is_open=True), name="redating_one_open"),
            models.UniqueConstraint(
                fields=["release"], condition=Q(release__gt=0, is_superseded=False), name="redating_of_release"
            ),
        )


class Redating(models.Model):
    """One limit that a run changed, before and after; only added."""

    PLAIN: ClassVar[frozenset[str]] = frozenset()

    run = models.ForeignKey(RedatingRun, models.PROTECT, related_name="+", db_index=False)
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="+", db_index=False)
    clock = models.ForeignKey("cases.Clock", models.PROTECT, related_name="+", db_index=False)
    before = models.DateTimeField()
    after = models.DateTimeField()
    was_provisional = models.BooleanField()
    is_provisional = models.BooleanField()
    is_lifted = models.BooleanField(default=False)

    class Meta:
        indexes = (models.Index(fields=["run", "id"], name="redating_of_run"),)
        constraints = (models.UniqueConstraint(fields=["run", "clock"], name="redating_once_a_run"),)
