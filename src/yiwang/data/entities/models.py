"""Tables of entities: runs, pairs that a person may judge, and what became of numbers. Who is who stands in the lake."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from yiwang.data.entities.contracts import Verdict
from yiwang.kernel.base.fields import SealedJSONField, SealedTextField


class Run(models.Model):
    """归一: one resolving of all sources of a model; never edited. `last` is the highest number given so far."""

    PLAIN: ClassVar = frozenset({"model"})

    model = models.CharField(max_length=120)
    records = models.BigIntegerField()
    entities = models.BigIntegerField()
    pairs = models.BigIntegerField()
    merged = models.BigIntegerField()
    split = models.BigIntegerField()
    left_out = models.BigIntegerField()
    last = models.BigIntegerField()
    ran_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["model", "-id"], name="entities_runs_of_model"),)


class Change(models.Model):
    """合并或拆分: what became of the number of an entity in a run; never edited."""

    PLAIN: ClassVar = frozenset({"kind"})

    run = models.ForeignKey(Run, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=[("merged", "并入"), ("split", "拆出")])
    entity = models.BigIntegerField(db_index=True)
    others = ArrayField(models.BigIntegerField())


class Pair(models.Model):
    """Two records that may be the same. What a person said of them holds in every later run."""

    PLAIN: ClassVar = frozenset({"model", "left_source", "right_source", "verdict", "digest"})

    model = models.CharField(max_length=120)
    # HMAC of both keys, by which a later run finds the pair again.
    digest = models.CharField(max_length=64)
    left_source = models.CharField(max_length=40)
    right_source = models.CharField(max_length=40)
    left_key = SealedTextField()
    right_key = SealedTextField()
    bits = models.FloatField()
    content = SealedJSONField()
    verdict = models.CharField(max_length=10, choices=[(each.value, each.value) for each in Verdict])
    judged_at = models.DateTimeField(null=True)
    judged_by = models.BigIntegerField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["model", "digest"], name="entities_pair_once"),)
        indexes = (models.Index(fields=["model", "verdict", "-bits", "id"], name="entities_pairs_of_model"),)
