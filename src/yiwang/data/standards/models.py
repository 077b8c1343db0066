"""Tables of imported standards, versions of code lists, and elements set beside items."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from yiwang.data.standards.contracts import Origin, Relation


class Standard(models.Model):
    """A document that was imported; imported again, it says when last."""

    PLAIN: ClassVar = frozenset({"identifier", "title", "source", "sha256"})

    identifier = models.CharField(max_length=60, unique=True)
    title = models.CharField(max_length=200)
    source = models.CharField(max_length=300)
    sha256 = models.CharField(max_length=64)
    imported_at = models.DateTimeField()
    imported_by = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return self.identifier


class StandardItem(models.Model):
    """One item of a standard during a period: what changes is a new row."""

    PLAIN: ClassVar = frozenset({"identifier", "group", "name", "format", "type", "note", "code_list", "words"})

    standard = models.ForeignKey(Standard, models.PROTECT, related_name="items")
    identifier = models.CharField(max_length=60)
    group = models.CharField(max_length=60)
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=120)
    format = models.CharField(max_length=20)
    type = models.CharField(max_length=12)
    length = models.PositiveIntegerField(null=True)
    is_fixed = models.BooleanField(default=False)
    note = models.CharField(max_length=300, default="")
    code_list = models.CharField(max_length=120, default="")
    words = ArrayField(models.CharField(max_length=60), default=list)
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["identifier"], condition=Q(until=None), name="standards_item_in_force"),
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name="standards_item_period"),
        )
        indexes = (
            GinIndex(fields=["words"], name="standards_item_words"),
            models.Index(fields=["standard", "position", "id"], name="standards_item_order"),
        )


class CodeListVersion(models.Model):
    """What a code list held during a period; values of old records are read by the version of their day."""

    PLAIN: ClassVar = frozenset({"list_id", "title", "origin", "source", "items", "digest"})

    list_id = models.CharField(max_length=120)
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    origin = models.CharField(max_length=6, choices=[(each.value, each.name) for each in Origin])
    source = models.CharField(max_length=300, default="")
    items = models.JSONField()
    digest = models.CharField(max_length=64)
    since = models.DateField()
    until = models.DateField(null=True)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["list_id", "number"], name="standards_list_number"),
            models.UniqueConstraint(fields=["list_id"], condition=Q(until=None), name="standards_list_in_force"),
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name="standards_list_period"),
        )


class ElementMapping(models.Model):
    """A data element of the packs beside an item of a standard; an end, not a deletion."""

    PLAIN: ClassVar = frozenset({"element_id", "identifier", "relation", "note"})

    element_id = models.CharField(max_length=120)
    identifier = models.CharField(max_length=60)
    relation = models.CharField(max_length=10, choices=[(each.value, each.name) for each in Relation])
    note = models.CharField(max_length=300, default="")
    set_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["element_id", "identifier"], condition=Q(ended_at=None), name="standards_mapped_once"
            ),
        )
        indexes = (models.Index(fields=["identifier"], name="standards_mapped_item"),)
