"""Licences, their versions and the acts done to them."""

from typing import ClassVar

from django.db import models

from yiwang.kernel.base.fields import SealedJSONField, SealedTextField


class Licence(models.Model):
    """A licence as it stands now; what it was stands in its versions and events."""

    PLAIN: ClassVar = frozenset(
        {
            "type_id",
            "type_hash",
            "type_code",
            "serial",
            "number",
            "identifier",
            "holder_id_type",
            "holder_name_index",
            "subject_key",
            "status",
            "verify_code",
            "case_number",
            "issue_key",
        }
    )

    type_id = models.CharField(max_length=120)
    type_hash = models.CharField(max_length=64)
    type_code = models.CharField(max_length=21)
    serial = models.CharField(max_length=32)
    number = models.CharField(max_length=80)
    identifier = models.CharField(max_length=120, unique=True)
    version = models.PositiveSmallIntegerField(default=1)
    holder_name = SealedTextField()
    holder_name_index = models.CharField(max_length=64)
    holder_id_type = models.CharField(max_length=3)
    holder_id_number = SealedTextField()
    subject_key = models.CharField(max_length=64, db_index=True)
    issuer = models.ForeignKey("orgs.Organisation", models.PROTECT, related_name="+")
    status = models.CharField(max_length=2)
    issued_on = models.DateField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    fields = SealedJSONField()
    verify_code = models.CharField(max_length=12, unique=True)
    case_number = models.CharField(max_length=40, blank=True)
    # Digest of case, type, holder and slot: the same result delivered twice is one licence. Empty without a case.
    issue_key = models.CharField(max_length=64, blank=True)
    # 转移: the licence of the holder before, which ended when this one began.
    before = models.OneToOneField("self", models.PROTECT, null=True, related_name="+")
    # How many days before its end its holder was told last.
    reminded_days = models.PositiveSmallIntegerField(null=True)
    changed_at = models.DateTimeField()

    class Meta:
        indexes = (
            models.Index(fields=["issuer", "-id"], name="licences_register"),
            models.Index(fields=["holder_name_index"], name="licences_holder_name"),
            models.Index(fields=["number"], name="licences_number"),
            models.Index(
                fields=["valid_to"], condition=models.Q(status__in=("01", "02", "06")), name="licences_ending"
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["issue_key"], condition=~models.Q(issue_key=""), name="licences_issued_once"
            ),
            models.UniqueConstraint(fields=["type_id", "issuer", "number"], name="licences_one_number"),
        )


class LicenceVersion(models.Model):
    """What the licence said from one correction to the next; `face_salt` opens the digest in the ledger."""

    PLAIN: ClassVar = frozenset({"identifier", "type_hash", "face_salt", "face_digest"})

    licence = models.ForeignKey(Licence, models.PROTECT, related_name="+")
    version = models.PositiveSmallIntegerField()
    identifier = models.CharField(max_length=120, unique=True)
    type_hash = models.CharField(max_length=64)
    face = SealedJSONField()
    face_salt = models.CharField(max_length=32)
    face_digest = models.CharField(max_length=64)
    made_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["licence", "version"], name="licences_one_version"),)


class LicenceEvent(models.Model):
    """One act: issued, renewed, suspended, given back, corrected, passed on, revoked, withdrawn, cancelled, run out."""

    PLAIN: ClassVar = frozenset({"operation", "status"})

    licence = models.ForeignKey(Licence, models.PROTECT, related_name="+")
    operation = models.CharField(max_length=2)
    status = models.CharField(max_length=2)
    version = models.PositiveSmallIntegerField()
    grounds = SealedTextField()
    effective_on = models.DateField()
    account_id = models.BigIntegerField(null=True)
    org_id = models.BigIntegerField(null=True)
    leaf = models.OneToOneField("ledger.Leaf", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["licence", "id"], name="licences_history"),)


class LicenceKeeper(models.Model):
    """Who else keeps a licence, such as the parents of a child."""

    PLAIN: ClassVar = frozenset({"subject_key"})

    licence = models.ForeignKey(Licence, models.CASCADE, related_name="+")
    subject_key = models.CharField(max_length=64)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["subject_key", "licence"], name="licences_one_keeper"),)


class LicenceCopy(models.Model):
    """A sealed copy of a version, kept when it was first asked for."""

    PLAIN: ClassVar = frozenset({"format"})

    licence = models.ForeignKey(Licence, models.PROTECT, related_name="+")
    version = models.PositiveSmallIntegerField()
    format = models.CharField(max_length=8)
    file_id = models.BigIntegerField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["licence", "version", "format"], name="licences_one_copy"),)
