"""Audit records and disclosures; rows are only ever added."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from yiwang.kernel.base.contracts import ActorKind
from yiwang.kernel.base.fields import SealedJSONField


class AuditRecord(models.Model):
    """One act by one actor. Numbers, not names: names stand in the records that the numbers point to."""

    PLAIN: ClassVar = frozenset({"event", "target", "actor_kind"})

    event = models.CharField(max_length=80)
    target = models.CharField(max_length=120)
    actor_kind = models.CharField(max_length=10, choices=[(kind.value, kind.value) for kind in ActorKind])
    account_id = models.BigIntegerField(null=True)
    principal_id = models.BigIntegerField(null=True)
    org_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    # Sealed: callers put choices and numbers here, but grounds in free words find their way in too.
    detail = SealedJSONField(null=True)

    class Meta:
        indexes = (models.Index(fields=["target", "id"], name="audit_record_target"),)


class Disclosure(models.Model):
    """One showing of personal data in one sitting (actor, subject, case, purpose, day)."""

    PLAIN: ClassVar = frozenset(
        {
            "subject_key",
            "elements",
            "purpose",
            "authority",
            "case_number",
            "actor_kind",
            "post_title",
            "sitting",
        }
    )

    subject_key = models.CharField(max_length=64)
    elements = ArrayField(models.CharField(max_length=80))
    purpose = models.CharField(max_length=200)
    authority = models.CharField(max_length=300)
    case_number = models.CharField(max_length=40, null=True)
    actor_kind = models.CharField(max_length=10, choices=[(kind.value, kind.value) for kind in ActorKind])
    account_id = models.BigIntegerField(null=True)
    org_id = models.BigIntegerField(null=True)
    post_title = models.CharField(max_length=80)
    sitting = models.CharField(max_length=64)
    leaf = models.OneToOneField("ledger.Leaf", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = (
            models.Index(fields=["subject_key", "id"], name="audit_disclosure_subject"),
            models.Index(fields=["sitting"], name="audit_disclosure_sitting"),
        )
