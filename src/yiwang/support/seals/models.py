"""Keys, certificates, revocation lists; seals, what was done to them, and every use of them."""

from typing import ClassVar

from django.db import models

from yiwang.kernel.base.fields import SealedTextField


class Key(models.Model):
    """A key of the software store: the private half sealed under the installation's key, empty once destroyed."""

    PLAIN: ClassVar = frozenset({"algorithm", "store", "public"})

    algorithm = models.CharField(max_length=8)
    # Which key store holds the private half.
    store = models.CharField(max_length=40)
    public = models.CharField(max_length=128, unique=True)
    private = SealedTextField(null=True)
    made_at = models.DateTimeField()


class Certificate(models.Model):
    """A certificate that this place issued."""

    PLAIN: ClassVar = frozenset({"serial", "role", "algorithm", "reason"})

    serial = models.CharField(max_length=40, unique=True)
    role = models.CharField(max_length=16)
    algorithm = models.CharField(max_length=8)
    # Of a person it is the person's name.
    subject = SealedTextField()
    org = models.ForeignKey("orgs.Organisation", models.PROTECT, null=True, related_name="+")
    account_id = models.BigIntegerField(null=True)
    key = models.ForeignKey(Key, models.PROTECT, related_name="+")
    issuer = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    not_before = models.DateTimeField()
    not_after = models.DateTimeField()
    # As issued; base64 and sealed, since the subject stands in it.
    der = SealedTextField()
    revoked_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=32, blank=True)
    leaf = models.OneToOneField("ledger.Leaf", models.PROTECT, related_name="+")

    class Meta:
        indexes = (
            models.Index(fields=["issuer", "revoked_at"], name="seals_revoked"),
            models.Index(fields=["role", "algorithm", "-id"], name="seals_role"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["role", "algorithm"],
                condition=models.Q(role__in=["root", "issuing", "maker"], revoked_at=None),
                name="seals_one_authority",
            ),
        )


class RevocationList(models.Model):
    """A published list of revoked certificates (CRL)."""

    PLAIN: ClassVar[frozenset[str]] = frozenset()

    issuer = models.ForeignKey(Certificate, models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    der = models.BinaryField()
    this_update = models.DateTimeField()
    next_update = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["issuer", "number"], name="seals_one_list"),)


class Seal(models.Model):
    """An electronic seal of a unit: picture, maker's signature, and the two certificates that it signs with."""

    PLAIN: ClassVar = frozenset({"es_id", "kind", "name", "status", "asked"})

    es_id = models.CharField(max_length=40, unique=True)
    org = models.ForeignKey("orgs.Organisation", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=40)
    name = models.CharField(max_length=80)
    status = models.CharField(max_length=12)
    # What waits for a second person, and who asked.
    asked = models.CharField(max_length=12, blank=True)
    asked_by = models.BigIntegerField(null=True)
    picture = models.BinaryField()
    width_mm = models.PositiveSmallIntegerField()
    height_mm = models.PositiveSmallIntegerField()
    sm2 = models.ForeignKey(Certificate, models.PROTECT, null=True, related_name="+")
    p256 = models.ForeignKey(Certificate, models.PROTECT, null=True, related_name="+")
    # SESeal in DER (GB/T 38540), signed by the maker.
    structure = models.BinaryField()
    valid_from = models.DateTimeField(null=True)
    valid_until = models.DateTimeField(null=True)
    made_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["org", "kind", "status"], name="seals_of_org"),)


class SealEvent(models.Model):
    """What was done to a seal: asked for, made, stopped, resumed, destroyed, declined."""

    PLAIN: ClassVar = frozenset({"act"})

    seal = models.ForeignKey(Seal, models.PROTECT, related_name="+")
    act = models.CharField(max_length=20)
    grounds = SealedTextField()
    account_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["seal", "-id"], name="seals_history"),)


class SealUse(models.Model):
    """One use of a seal: what was sealed (by its digest), for what, by whom; the ledger holds the same."""

    PLAIN: ClassVar = frozenset({"format", "subject", "purpose", "case_number", "sha256"})

    seal = models.ForeignKey(Seal, models.PROTECT, related_name="+")
    format = models.CharField(max_length=8)
    # `licence:12`, `document:7`: what the sealed file is.
    subject = models.CharField(max_length=120)
    purpose = models.CharField(max_length=80)
    case_number = models.CharField(max_length=40, blank=True)
    sha256 = models.CharField(max_length=64, unique=True)
    size_bytes = models.PositiveIntegerField()
    account_id = models.BigIntegerField(null=True)
    leaf = models.OneToOneField("ledger.Leaf", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["seal", "-id"], name="seals_uses"),)
