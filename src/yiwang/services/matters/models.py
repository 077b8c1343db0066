"""Implementation lists (实施清单) with their versions, and what imports met."""

from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from yiwang.services.matters.contracts import MatterType, Origin


class Implementation(models.Model):
    """One item of one body's list. What it says is in its versions."""

    # `body_name` and `body_code` are an organisation's, as the list writes them.
    PLAIN: ClassVar = frozenset({"code", "matter_id", "body_name", "body_code", "region_code"})

    code = models.CharField(max_length=80, unique=True)
    matter_id = models.CharField(max_length=120, db_index=True)
    organisation = models.ForeignKey("orgs.Organisation", models.PROTECT, null=True, related_name="+")
    body_name = models.CharField(max_length=120)
    body_code = models.CharField(max_length=40, default="")
    region_code = models.CharField(max_length=12)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.code


class ImplementationVersion(models.Model):
    """What the item says during a period. Content is never edited: a change is a new version.

    `effective` is empty for a version that was replaced before its first day.
    """

    PLAIN: ClassVar = frozenset(
        {"origin", "origin_ref", "content", "content_hash", "name", "name_en", "matter_type", "promised"}
        | {"themes", "audience", "words"}
    )

    implementation = models.ForeignKey(Implementation, models.PROTECT, related_name="+")
    version = models.PositiveIntegerField()
    effective = DateRangeField()
    origin = models.CharField(max_length=6, choices=[(o.value, o.name) for o in Origin])
    origin_ref = models.CharField(max_length=160, default="")
    content = models.JSONField()
    content_hash = models.CharField(max_length=64)
    # What lists and searches need, copied out of `content` by the actions.
    name = models.CharField(max_length=200)
    name_en = models.CharField(max_length=300, default="")
    matter_type = models.CharField(max_length=2, choices=[(t.value, t.name) for t in MatterType])
    promised = models.CharField(max_length=30, default="")
    visits = models.PositiveSmallIntegerField(null=True)
    is_online = models.BooleanField(default=False)
    themes = ArrayField(models.CharField(max_length=60), default=list)
    audience = ArrayField(models.CharField(max_length=20), default=list)
    words = ArrayField(models.CharField(max_length=60), default=list)
    recorded_at = models.DateTimeField()
    recorded_by = models.BigIntegerField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["implementation", "version"], name="matters_version_number"),
            ExclusionConstraint(
                name="matters_one_version_a_day",
                expressions=[("implementation", RangeOperators.EQUAL), ("effective", RangeOperators.OVERLAPS)],
            ),
        )
        indexes = (
            GinIndex(fields=["words"], name="matters_words"),
            GinIndex(fields=["themes"], name="matters_themes"),
            models.Index(fields=["name", "id"], name="matters_by_name"),
        )


class ImportRun(models.Model):
    """One reading of one list: which file, and what became of its lines."""

    PLAIN: ClassVar = frozenset({"file_name", "sha256"})

    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    read = models.PositiveIntegerField()
    created = models.PositiveIntegerField()
    updated = models.PositiveIntegerField()
    unchanged = models.PositiveIntegerField()
    set_aside = models.PositiveIntegerField()
    organisations_created = models.PositiveIntegerField()
    recorded_at = models.DateTimeField()
    recorded_by = models.BigIntegerField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(
                    read=models.F("created") + models.F("updated") + models.F("unchanged") + models.F("set_aside")
                ),
                name="matters_nothing_lost",
            ),
        )


class ImportProblem(models.Model):
    """What was wrong on a line of a run; the line itself where it was set aside."""

    PLAIN: ClassVar = frozenset({"code", "what", "remedy", "line_text"})

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="+")
    line = models.PositiveIntegerField()
    code = models.CharField(max_length=60)
    what = models.CharField(max_length=400)
    remedy = models.CharField(max_length=200)
    is_refusal = models.BooleanField(default=False)
    line_text = models.TextField(default="")
