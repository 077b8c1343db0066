"""Tables of parties, accounts, posts, who holds them, and mandates."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models

from yiwang.kernel.base.fields import SealedTextField
from yiwang.kernel.people.contracts import AccountKind, IdType, MandateKind, PartyKind


class Party(models.Model):
    """A person or firm that applies, holds or acts."""

    PLAIN: ClassVar = frozenset({"kind", "id_type", "id_index", "phone_index"})

    kind = models.CharField(max_length=10, choices=[(k.value, k.name) for k in PartyKind])
    name = SealedTextField()
    id_type = models.CharField(max_length=3, choices=[(k.value, k.name) for k in IdType])
    id_number = SealedTextField()
    id_index = models.CharField(max_length=64)
    phone = SealedTextField(null=True)
    phone_index = models.CharField(max_length=64, null=True, db_index=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["id_index", "id_type"], name="people_one_party"),)


class AccountManager(BaseUserManager["Account"]):
    """Only what Django's own machinery needs; accounts are made by actions."""

    def get_by_natural_key(self, username: str | None) -> "Account":
        return self.get(username=username)


class Account(AbstractBaseUser):
    """Who signs in. A resident's username is random: they sign in by phone or ID number.

    `name` is for staff and machines; whoever has a party is called as the party is.
    """

    PLAIN: ClassVar = frozenset({"username", "kind", "password"})
    USERNAME_FIELD = "username"
    last_login = None  # support.login knows every sitting

    username = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=10, choices=[(k.value, k.name) for k in AccountKind])
    name = SealedTextField(null=True)
    party = models.OneToOneField(Party, models.PROTECT, null=True, related_name="+")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    objects = AccountManager()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(kind__in=[AccountKind.STAFF.value, AccountKind.MACHINE.value])
                | models.Q(party__isnull=False),
                name="people_resident_has_party",
            ),
            models.CheckConstraint(
                condition=models.Q(party__isnull=False) | models.Q(name__isnull=False),
                name="people_account_has_name",
            ),
        )


class Post(models.Model):
    """A post (岗位) of an organisation; what it permits is the pack of its type."""

    PLAIN: ClassVar = frozenset({"post_type", "title"})

    org = models.ForeignKey("orgs.Organisation", models.PROTECT, related_name="+")
    post_type = models.CharField(max_length=40)
    title = models.CharField(max_length=80)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["org", "post_type", "title"], name="people_one_post"),)


class PostHolding(models.Model):
    """An account at a post for a period; `until` is its last day.

    A backup (B岗) acts while no holder proper (A岗) is there.
    """

    PLAIN: ClassVar[frozenset[str]] = frozenset()

    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    post = models.ForeignKey(Post, models.PROTECT, related_name="+")
    since = models.DateField()
    until = models.DateField(null=True)
    is_backup = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["account", "post"],
                condition=models.Q(until__isnull=True),
                name="people_one_open_holding",
            ),
            models.CheckConstraint(
                condition=models.Q(until__isnull=True) | models.Q(until__gte=models.F("since")),
                name="people_holding_period",
            ),
        )


class Absence(models.Model):
    """Days on which a holder is away, so that the backup of the post acts."""

    PLAIN: ClassVar = frozenset({"reason"})

    holding = models.ForeignKey(PostHolding, models.PROTECT, related_name="+")
    starts_on = models.DateField()
    ends_on = models.DateField()
    reason = models.CharField(max_length=40)
    recorded_by = models.BigIntegerField(null=True)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("starts_on")),
                name="people_absence_period",
            ),
        )
        indexes = (models.Index(fields=["holding", "ends_on"], name="people_absence_days"),)


class Mandate(models.Model):
    """Recorded authority of an account to act for a party, until a day or until revoked."""

    PLAIN: ClassVar = frozenset({"kind", "scope", "document_no"})

    kind = models.CharField(max_length=12, choices=[(k.value, k.name) for k in MandateKind])
    principal = models.ForeignKey(Party, models.PROTECT, related_name="+")
    agent = models.ForeignKey(Account, models.PROTECT, related_name="+")
    scope = ArrayField(models.CharField(max_length=80))
    starts_on = models.DateField()
    ends_on = models.DateField()
    document_no = models.CharField(max_length=80, default="")
    recorded_by = models.BigIntegerField(null=True)
    recorded_at = models.DateTimeField()
    revoked_on = models.DateField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("starts_on")),
                name="people_mandate_period",
            ),
        )
