"""What a filing is beyond its case: intake, materials, documents, and files kept for use again."""

from typing import ClassVar

from django.db import models

from yiwang.kernel.base.fields import SealedJSONField, SealedTextField
from yiwang.services.applications.contracts import Channel, Found, MaterialStatus


class Filing(models.Model):
    """The intake of a root case: how it came, and what its progress can be asked with."""

    PLAIN: ClassVar = frozenset({"channel", "phone_key", "language"})

    case = models.OneToOneField("cases.Case", models.PROTECT, related_name="+")
    channel = models.CharField(max_length=1, choices=[(c.value, c.name) for c in Channel])
    phone = SealedTextField(null=True)
    # HMAC of case number and the last four digits: enough to check, useless to list.
    phone_key = models.CharField(max_length=64, default="")
    language = models.CharField(max_length=8, default="zh-hans")
    delivery = SealedJSONField(null=True)
    filed_at = models.DateTimeField()


class FiledMaterial(models.Model):
    """One material of a filing; matters of a family share it."""

    PLAIN: ClassVar = frozenset(
        {"key", "name", "kind", "source", "reference", "requirement", "why", "make_up", "status"}
        | {"matters", "precheck"}
    )

    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="+", db_index=False)
    key = models.CharField(max_length=60)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=12)
    source = models.CharField(max_length=12)
    reference = models.CharField(max_length=120, default="")
    requirement = models.CharField(max_length=400, default="")
    why = models.CharField(max_length=400, default="")
    make_up = models.CharField(max_length=30, default="")
    may_promise = models.BooleanField(default=False)
    matters = models.JSONField(default=list)
    status = models.CharField(max_length=12, choices=[(s.value, s.name) for s in MaterialStatus])
    evidence = SealedTextField(null=True)
    problem = SealedTextField(null=True)
    said = SealedJSONField(null=True)
    # Sentences of conditions, never what a paper says.
    precheck = models.JSONField(null=True)
    file = models.ForeignKey("files.StoredFile", models.PROTECT, null=True, related_name="+", db_index=False)
    make_up_on = models.DateField(null=True)
    checked_by = models.BigIntegerField(null=True)
    checked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["case", "key"], name="applications_one_material"),)
        indexes = (
            models.Index(
                fields=["make_up_on"],
                condition=models.Q(status=MaterialStatus.GAP),
                name="applications_gaps",
            ),
            models.Index(
                fields=["file"],
                condition=models.Q(file__isnull=False),
                name="applications_material_file",
            ),
        )


class Document(models.Model):
    """An official document, as issued: numbered, never edited."""

    PLAIN: ClassVar = frozenset({"event", "title", "document_no", "template", "template_hash"})

    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="+")
    org = models.ForeignKey("orgs.Organisation", models.PROTECT, related_name="+")
    event = models.CharField(max_length=40)
    title = models.CharField(max_length=80)
    document_no = models.CharField(max_length=60, unique=True)
    template = models.CharField(max_length=120)
    template_hash = models.CharField(max_length=64)
    body = SealedJSONField()
    issued_at = models.DateTimeField()
    issued_by = models.BigIntegerField(null=True)


class Promise(models.Model):
    """告知承诺: a promise that stands for a material, in the words that were read, with its check and what it found."""

    PLAIN: ClassVar = frozenset({"proves", "proof_basis", "check_within", "found"})

    material = models.OneToOneField(FiledMaterial, models.PROTECT, related_name="+")
    party = models.ForeignKey("people.Party", models.PROTECT, related_name="+")
    org = models.ForeignKey("orgs.Organisation", models.PROTECT, related_name="+")
    promised_by = models.BigIntegerField(null=True)
    promised_at = models.DateTimeField()
    proves = models.CharField(max_length=400)
    proof_basis = models.CharField(max_length=400)
    check_within = models.CharField(max_length=30)
    # 告知书 and 承诺书 as they were read; issued with their numbers on acceptance.
    words = SealedJSONField()
    notice = models.ForeignKey(Document, models.PROTECT, null=True, related_name="+")
    declaration = models.ForeignKey(Document, models.PROTECT, null=True, related_name="+")
    check_case = models.ForeignKey("cases.Case", models.PROTECT, null=True, related_name="+")
    found = models.CharField(max_length=8, default="", choices=[(f.value, f.name) for f in Found])
    found_at = models.DateTimeField(null=True)
    found_words = SealedTextField(null=True)
    barred_until = models.DateField(null=True)

    class Meta:
        indexes = (
            models.Index(
                fields=["party", "barred_until"], condition=models.Q(found="broken"), name="applications_barred"
            ),
            models.Index(
                fields=["org"], condition=models.Q(found="", check_case__isnull=False), name="applications_to_check"
            ),
        )


class KeptFile(models.Model):
    """材料中心: a file somebody handed in once, kept for the next time."""

    PLAIN: ClassVar = frozenset({"key", "name"})

    party = models.ForeignKey("people.Party", models.PROTECT, related_name="+")
    file = models.ForeignKey("files.StoredFile", models.PROTECT, related_name="+")
    key = models.CharField(max_length=60)
    name = models.CharField(max_length=200)
    kept_at = models.DateTimeField()
    last_used_at = models.DateTimeField()
    used_times = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["party", "key", "file"], name="applications_kept_once"),)
