"""Which files make up which table, and since when."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from yiwang.data.engine.contracts import Layer
from yiwang.kernel.base.fields import SealedTextField


class LakeTable(models.Model):
    """A table; its row is the lock of its one writer. Snapshots below `kept_from` have expired."""

    PLAIN: ClassVar = frozenset({"name", "layer"})

    name = models.CharField(max_length=140, unique=True)
    layer = models.CharField(max_length=10, choices=[(layer, layer) for layer in Layer])
    kept_from = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(layer__in=[str(layer) for layer in Layer]), name="engine_table_layer"),
        )


class LakeFile(models.Model):
    """One encrypted Parquet file. Without this row, which holds its key, nobody can read it any more."""

    PLAIN: ClassVar = frozenset({"path", "sha256"})

    table = models.ForeignKey(LakeTable, models.PROTECT, related_name="+")
    path = models.CharField(max_length=120, unique=True)
    rows = models.BigIntegerField()
    size_bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    key = SealedTextField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(rows__gt=0, size_bytes__gt=0), name="engine_file_holds_something"),
        )


class Snapshot(models.Model):
    """One whole state of a table: the files that make it up. Written once; `key` makes a repeat of the same work harmless."""

    # `columns` are names and types, `made_by` names a kind of work and its number.
    PLAIN: ClassVar = frozenset({"key", "mode", "columns", "made_by"})

    table = models.ForeignKey(LakeTable, models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    key = models.CharField(max_length=200)
    mode = models.CharField(max_length=10)
    columns = models.JSONField()
    files = ArrayField(models.BigIntegerField())
    rows = models.BigIntegerField()
    made_by = models.CharField(max_length=120)
    created_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["table", "number"], name="engine_snapshot_number"),
            models.UniqueConstraint(fields=["table", "key"], name="engine_snapshot_once"),
            models.CheckConstraint(condition=Q(number__gte=1) & Q(rows__gte=0), name="engine_snapshot_counts"),
        )
        indexes = (models.Index(F("table"), F("created_at").desc(), name="engine_snapshot_when"),)
