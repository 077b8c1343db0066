"""Credit records of firms and other organisations, what was done to them, and who checked whom."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from yiwang.kernel.base.fields import SealedTextField


class CreditRecord(models.Model):
    """One record of a source. `publish_until` and the rest are worked out from the rule in force on its day."""

    # What a decision says of a firm is public by law; its content is kept sealed, for it may name people.
    PLAIN: ClassVar = frozenset(
        {
            "source",
            "number",
            "kind",
            "uscc",
            "title",
            "document_no",
            "authority",
            "severity",
            "list_id",
            "rule",
            "digest",
        }
    )

    source = models.CharField(max_length=80)
    number = models.CharField(max_length=80)
    kind = models.CharField(max_length=12)
    uscc = models.CharField(max_length=18)
    title = models.CharField(max_length=200)
    document_no = models.CharField(max_length=80, blank=True, default="")
    decided_on = models.DateField()
    authority = models.CharField(max_length=120)
    org = models.ForeignKey("orgs.Organisation", models.PROTECT, null=True, related_name="+")
    severity = models.CharField(max_length=8, blank=True, default="")
    list_id = models.CharField(max_length=80, blank=True, default="")
    content = SealedTextField()
    # Worked out: published at all, from which day a repair may be asked for, until when it is public.
    is_public = models.BooleanField()
    repair_from = models.DateField(null=True)
    publish_until = models.DateField(null=True)
    rule = models.CharField(max_length=120, blank=True, default="")
    digest = models.CharField(max_length=64)
    taken_at = models.DateTimeField()
    repaired_on = models.DateField(null=True)
    withdrawn_on = models.DateField(null=True)
    case_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["source", "number"], name="credit_one_record"),)
        indexes = (models.Index(fields=["uscc", "-decided_on", "-id"], name="credit_records_of_subject"),)


class CreditCheck(models.Model):
    """One check of one or many subjects: they see who asked and what for."""

    PLAIN: ClassVar = frozenset({"usccs", "purpose"})

    org = models.ForeignKey("orgs.Organisation", models.PROTECT, related_name="+")
    account_id = models.BigIntegerField(null=True)
    usccs = ArrayField(models.CharField(max_length=18))
    purpose = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta:
        indexes = (GinIndex(fields=["usccs"], name="credit_checks_of_subject"),)
