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


class PurposeCopy(models.Model):
    """加注件: one licence for one unit and one purpose, asked for, answered by its holder or resting on a law."""

    PLAIN: ClassVar = frozenset({"code", "subject_key", "ground", "authority", "case_number", "state"})

    licence = models.ForeignKey(Licence, models.PROTECT, related_name="+")
    code = models.CharField(max_length=12, unique=True)
    subject_key = models.CharField(max_length=64)
    org = models.ForeignKey("orgs.Organisation", models.PROTECT, related_name="+")
    account_id = models.BigIntegerField(null=True)
    purpose = SealedTextField()
    # The code of a ground in the place's policy; empty where the holder is asked.
    ground = models.CharField(max_length=40, blank=True)
    authority = models.CharField(max_length=300)
    case_number = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=10)
    answer_by = models.DateField()
    until = models.DateField()
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    # What the licence was when the copy was given; a later version is another paper.
    version = models.PositiveSmallIntegerField(null=True)
    ofd_file_id = models.BigIntegerField(null=True)
    pdf_file_id = models.BigIntegerField(null=True)
    leaf = models.OneToOneField("ledger.Leaf", models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = (
            models.Index(fields=["subject_key", "-id"], name="licences_copies_of_holder"),
            models.Index(fields=["org", "-id"], name="licences_copies_of_unit"),
        )


class Batch(models.Model):
    """Many licences of one type out of a file: read, looked through, then issued piece by piece."""

    PLAIN: ClassVar = frozenset({"type_id", "sha256", "state"})

    type_id = models.CharField(max_length=120)
    org = models.ForeignKey("orgs.Organisation", models.PROTECT, related_name="+")
    account_id = models.BigIntegerField(null=True)
    filename = SealedTextField()
    sha256 = models.CharField(max_length=64)
    grounds = SealedTextField()
    state = models.CharField(max_length=10)
    total = models.PositiveIntegerField()
    wrong = models.PositiveIntegerField()
    issued = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField()
    begun_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["org", "type_id", "sha256"], name="licences_one_batch_per_file"),
        )


class BatchLine(models.Model):
    """A line of the file: what it says until it is issued, what is wrong with it, and what was issued."""

    PLAIN: ClassVar = frozenset({"problem"})

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="+")
    line = models.PositiveIntegerField()
    said = SealedJSONField(null=True)
    problem = models.CharField(max_length=300, blank=True)
    licence = models.OneToOneField(Licence, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["batch", "line"], name="licences_one_line"),)
        indexes = (
            models.Index(
                fields=["batch", "line"],
                condition=models.Q(licence__isnull=True, problem=""),
                name="licences_lines_waiting",
            ),
        )


class CredentialKey(models.Model):
    """A key that signs credentials for wallets; its private half stands in the key store of the house (support.seals)."""

    PLAIN: ClassVar = frozenset({"public"})

    key_id = models.BigIntegerField(unique=True)
    public = models.CharField(max_length=80, unique=True)
    made_at = models.DateTimeField()
    signs_from = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)
