"""Runs of transformations: what each read, how far it came and the lineage of what it wrote."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from yiwang.data.transform.contracts import State, Way


class Run(models.Model):
    """One run of a transformation over the snapshots that it began with; interrupted, it goes on over the same."""

    # `inputs` are tables with snapshot numbers, `edges` names of columns, `words` a sentence of ours.
    PLAIN: ClassVar = frozenset({"transformation_id", "hash", "table", "state", "way", "inputs", "edges", "words"})

    transformation_id = models.CharField(max_length=120)
    hash = models.CharField(max_length=64)
    table = models.CharField(max_length=140)
    state = models.CharField(max_length=10, choices=[(state, state) for state in State])
    way = models.CharField(max_length=10, choices=[(way, way) for way in Way])
    inputs = models.JSONField()
    since = models.PositiveIntegerField(null=True)
    expects = models.PositiveIntegerField(default=0)
    edges = models.JSONField(default=list)
    snapshot = models.PositiveIntegerField(null=True)
    rows = models.BigIntegerField(default=0)
    words = models.CharField(max_length=200, default="")
    attempts = models.PositiveSmallIntegerField(default=1)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["transformation_id"], condition=Q(state="running"), name="transform_run_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=~Q(state="done") | Q(snapshot__isnull=False, ended_at__isnull=False),
                name="transform_run_done",
            ),
        )
        indexes = (
            models.Index(fields=["transformation_id", "-id"], name="transform_run_recent"),
            models.Index(fields=["table", "-id"], name="transform_run_of_table"),
        )
