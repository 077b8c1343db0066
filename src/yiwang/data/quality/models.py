"""Tables of quality: what each inspection found, how each resource stands, and what was sent back to its source."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from yiwang.data.quality.contracts import Dimension
from yiwang.kernel.base.fields import SealedJSONField, SealedTextField


class Report(models.Model):
    """检查报告: one inspection of one resource; never edited."""

    PLAIN: ClassVar = frozenset({"resource", "table", "rules_hash", "dimensions", "row_scores", "left_out"})

    resource = models.CharField(max_length=120)
    org = models.ForeignKey("orgs.Organisation", models.PROTECT, related_name="+")
    table = models.CharField(max_length=140)
    snapshot = models.PositiveIntegerField()
    rules_hash = models.CharField(max_length=64)
    rows = models.BigIntegerField()
    faulty_rows = models.BigIntegerField()
    score = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    dimensions = models.JSONField()
    row_scores = models.JSONField()
    left_out = models.JSONField()
    as_of = models.DateField()
    inspected_at = models.DateTimeField()

    class Meta:
        indexes = (
            models.Index(fields=["resource", "-inspected_at"], name="quality_of_resource"),
            models.Index(fields=["org", "-inspected_at"], name="quality_of_org"),
        )
        constraints = (
            models.CheckConstraint(condition=Q(faulty_rows__lte=models.F("rows")), name="quality_faulty_are_rows"),
        )


class Finding(models.Model):
    """What one rule came to in one report; never edited."""

    PLAIN: ClassVar = frozenset({"code", "sentence", "trait", "dimension", "columns", "pack"})

    report = models.ForeignKey(Report, models.PROTECT, related_name="findings")
    code = models.CharField(max_length=140)
    sentence = models.CharField(max_length=200)
    trait = models.CharField(max_length=12)
    dimension = models.CharField(max_length=10, choices=[(each.value, each.value) for each in Dimension])
    columns = ArrayField(models.CharField(max_length=80), default=list)
    pack = models.CharField(max_length=120, default="")
    weight = models.PositiveSmallIntegerField()
    judged = models.BigIntegerField()
    failed = models.BigIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["report", "code"], name="quality_rule_once"),
            models.CheckConstraint(condition=Q(failed__lte=models.F("judged")), name="quality_failed_are_judged"),
        )


class FailingRow(models.Model):
    """One of the first rows that failed a rule; gone when a newer inspection has been made and nothing of it is open."""

    finding = models.ForeignKey(Finding, models.CASCADE, related_name="rows")
    place = models.PositiveIntegerField()
    key = SealedTextField()
    values = SealedJSONField()
    shown = SealedJSONField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["finding", "place"], name="quality_row_once"),)


class Standing(models.Model):
    """How a resource stands: its newest report. The row is the lock under which reports and problems are kept."""

    PLAIN: ClassVar = frozenset({"resource"})

    resource = models.CharField(max_length=120, unique=True)
    org = models.ForeignKey("orgs.Organisation", models.PROTECT, related_name="+")
    report = models.ForeignKey(Report, models.PROTECT, null=True, related_name="+")
    score = models.DecimalField(max_digits=5, decimal_places=2, default=100)

    class Meta:
        indexes = (models.Index(fields=["score", "id"], name="quality_worst_first"),)


class Problem(models.Model):
    """问题数据: the failing rows of one rule in one resource, as one case at the unit that answers for it."""

    PLAIN: ClassVar = frozenset({"resource", "rule", "sentence", "outcome"})

    resource = models.CharField(max_length=120)
    rule = models.CharField(max_length=140)
    sentence = models.CharField(max_length=200)
    org = models.ForeignKey("orgs.Organisation", models.PROTECT, related_name="+")
    case = models.OneToOneField("cases.Case", models.PROTECT, related_name="+")
    report = models.ForeignKey(Report, models.PROTECT, related_name="+")
    rows = models.BigIntegerField()
    rows_now = models.BigIntegerField()
    raised_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=20, default="")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["resource", "rule"], condition=Q(closed_at=None), name="quality_one_open_problem"
            ),
        )
        indexes = (models.Index(fields=["org", "closed_at", "-raised_at"], name="quality_problems_of_org"),)


class DataObjection(models.Model):
    """An objection of somebody who uses the data, with the case in which the provider answers it."""

    PLAIN: ClassVar = frozenset({"resource"})

    objection_id = models.BigIntegerField(unique=True)
    resource = models.CharField(max_length=120)
    org = models.ForeignKey("orgs.Organisation", models.PROTECT, related_name="+")
    case = models.OneToOneField("cases.Case", models.PROTECT, related_name="+")
    raised_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["org", "-raised_at"], name="quality_objections_of_org"),)
