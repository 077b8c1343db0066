"""The registries' tables: keyed by `subject_key`, personal values sealed."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from yiwang.data.registries.contracts import Kind
from yiwang.kernel.base.fields import SealedJSONField, SealedTextField


class RaisedObjection(models.Model):
    """The case that answers an objection; one for each, however often its event is told."""

    PLAIN: ClassVar[frozenset[str]] = frozenset()

    objection = models.OneToOneField("forms.Objection", models.PROTECT, related_name="+")
    case = models.OneToOneField("cases.Case", models.PROTECT, related_name="+")


class Household(models.Model):
    PLAIN: ClassVar = frozenset({"book_no", "kind", "region_code", "head_key"})

    book_no = models.CharField(max_length=20, unique=True)
    kind = models.CharField(max_length=12)
    region_code = models.CharField(max_length=12, db_index=True)
    address = SealedTextField()
    head_key = models.CharField(max_length=64)
    registered_on = models.DateField(null=True)


class Person(models.Model):
    PLAIN: ClassVar = frozenset(
        {"subject_key", "name_key", "sex", "ethnicity", "region_code", "household_no", "relation"}
    )

    subject_key = models.CharField(max_length=64, unique=True)
    id_number = SealedTextField()
    name = SealedTextField()
    name_key = models.CharField(max_length=64, db_index=True)
    sex = models.CharField(max_length=1)
    born_on = models.DateField()
    ethnicity = models.CharField(max_length=2)
    region_code = models.CharField(max_length=12)
    address = SealedTextField()
    household_no = models.CharField(max_length=20, db_index=True)
    relation = models.CharField(max_length=2)
    phone = SealedTextField(null=True)
    died_on = models.DateField(null=True)
    registered_on = models.DateField(null=True)

    class Meta:
        indexes = (models.Index(fields=["region_code", "id"]),)


class Marriage(models.Model):
    PLAIN: ClassVar = frozenset({"husband_key", "wife_key", "office", "certificate_key"})

    certificate_no = SealedTextField()
    certificate_key = models.CharField(max_length=64, unique=True)
    husband_key = models.CharField(max_length=64, db_index=True)
    wife_key = models.CharField(max_length=64, db_index=True)
    registered_on = models.DateField()
    office = models.CharField(max_length=100)
    ended_on = models.DateField(null=True)


class Kinship(models.Model):
    PLAIN: ClassVar = frozenset({"parent_key", "child_key"})

    parent_key = models.CharField(max_length=64)
    child_key = models.CharField(max_length=64, db_index=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["parent_key", "child_key"], name="one_kinship"),)


class Enrolment(models.Model):
    PLAIN: ClassVar = frozenset({"subject_key", "scheme", "region_code"})

    subject_key = models.CharField(max_length=64)
    scheme = models.CharField(max_length=40)
    region_code = models.CharField(max_length=12)
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["subject_key", "scheme"],
                condition=models.Q(until=None),
                name="one_running_enrolment",
            ),
        )


class LegalPerson(models.Model):
    PLAIN: ClassVar = frozenset(
        {"uscc", "name", "kind", "representative_key", "region_code", "address", "industry", "status"}
    )

    uscc = models.CharField(max_length=18, unique=True)
    name = models.CharField(max_length=200, db_index=True)
    kind = models.CharField(max_length=40)
    legal_representative = SealedTextField()
    representative_key = models.CharField(max_length=64, db_index=True)
    region_code = models.CharField(max_length=12, db_index=True)
    address = models.CharField(max_length=300)
    industry = models.CharField(max_length=60)
    established_on = models.DateField()
    capital_fen = models.BigIntegerField()
    status = models.CharField(max_length=12)


class Register(models.Model):
    """A registry's one row: the lock under which entries change, and the number of the last change.

    While a take-over is on its way, `coming` is its intake and `held` the number of the last change before it: what it has brought
    in since is not there for readers.
    """

    PLAIN: ClassVar = frozenset({"registry"})

    registry = models.CharField(max_length=120, unique=True)
    last = models.BigIntegerField(default=0)
    fresh_at = models.DateTimeField(null=True)
    coming = models.ForeignKey("Intake", models.PROTECT, null=True, related_name="+", db_index=False)
    held = models.BigIntegerField(default=0, db_default=0)


class Intake(models.Model):
    """入库: one taking in. `hash` is that of the pack by which a snapshot was read: another reading is another intake."""

    PLAIN: ClassVar = frozenset({"table", "hash", "case_number"})

    register = models.ForeignKey(Register, models.PROTECT, related_name="+")
    table = models.CharField(max_length=140, default="")
    snapshot = models.PositiveIntegerField(null=True)
    hash = models.CharField(max_length=64, default="")
    case_number = models.CharField(max_length=40, default="")
    read = models.BigIntegerField(default=0)
    added = models.BigIntegerField(default=0)
    changed = models.BigIntegerField(default=0)
    kept = models.BigIntegerField(default=0)
    gone = models.BigIntegerField(default=0)
    unkeyed = models.BigIntegerField(default=0)
    twice = models.BigIntegerField(default=0)
    is_done = models.BooleanField(default=False)
    taken_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["register", "table", "snapshot", "hash"],
                condition=Q(snapshot__isnull=False),
                name="registries_snapshot_once",
            ),
        )
        indexes = (models.Index(fields=["register", "-id"], name="registries_intakes"),)


class Entry(models.Model):
    """What a registry holds of one key now: values by where they are from, sealed as one. `digest` is of the row that was read last.

    `links` are the keys of those whom it names, in the order of the pack's columns; none is empty. `region_code` narrows who opens it.
    """

    PLAIN: ClassVar = frozenset({"key", "name_key", "kind", "columns", "region_code", "links"})

    register = models.ForeignKey(Register, models.PROTECT, related_name="+", db_index=False)
    key = models.CharField(max_length=64)
    name_key = models.CharField(max_length=64)
    digest = models.BinaryField()
    content = SealedJSONField()
    is_here = models.BooleanField()
    is_direct = models.BooleanField()
    number = models.BigIntegerField()
    kind = models.CharField(max_length=10, choices=[(each.value, each.label) for each in Kind])
    columns = ArrayField(models.CharField(max_length=60))
    intake = models.ForeignKey(Intake, models.PROTECT, related_name="+", db_index=False)
    region_code = models.CharField(max_length=12, default="", db_default="")
    links = ArrayField(models.CharField(max_length=64), null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["register", "key"], name="registries_entry_once"),)
        indexes = (
            models.Index(fields=["register", "number"], name="registries_changes"),
            models.Index(fields=["register", "name_key"], condition=~Q(name_key=""), name="registries_by_name"),
            GinIndex(fields=["links"], condition=Q(links__isnull=False), name="registries_by_link"),
        )


class Coming(models.Model):
    """What an entry becomes once the take-over that is on its way stands; columns as those of Entry.

    `past` is what is replaced by it. `base` and `base_digest` are the entry's number and digest when the two were compared.
    """

    PLAIN: ClassVar = frozenset({"key", "name_key", "kind", "columns", "region_code", "links"})

    register = models.ForeignKey(Register, models.PROTECT, related_name="+", db_index=False)
    key = models.CharField(max_length=64)
    name_key = models.CharField(max_length=64)
    digest = models.BinaryField()
    content = SealedJSONField()
    is_here = models.BooleanField()
    is_direct = models.BooleanField()
    kind = models.CharField(max_length=10, choices=[(each.value, each.label) for each in Kind])
    columns = ArrayField(models.CharField(max_length=60))
    region_code = models.CharField(max_length=12)
    links = ArrayField(models.CharField(max_length=64), null=True)
    past = SealedJSONField(null=True)
    base = models.BigIntegerField()
    base_digest = models.BinaryField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["register", "key"], name="registries_coming_once"),)


class Past(models.Model):
    """Values that were replaced, and by which intake; never edited."""

    PLAIN: ClassVar[frozenset[str]] = frozenset()

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="+")
    content = SealedJSONField()
    intake = models.ForeignKey(Intake, models.PROTECT, related_name="+", db_index=False)
