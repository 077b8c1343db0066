"""Tables of sittings, second factors, codes sent to phones, failed sign-ins and machine tokens."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

from yiwang.kernel.base.fields import SealedTextField


class Sitting(AbstractBaseSession):
    """A session of a browser; the row's data name an account, never a person."""

    PLAIN: ClassVar = frozenset({"session_key", "session_data", "device", "mark"})

    account_id = models.BigIntegerField(null=True, db_index=True)
    opened_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    device = models.CharField(max_length=40, default="")
    mark = models.CharField(max_length=16, default="", db_default="")

    @classmethod
    def get_session_store_class(cls) -> Any:
        from yiwang.support.login.sessions import SessionStore

        return SessionStore


class SecondFactor(models.Model):
    """A time-based code (RFC 6238) of an account; counts once confirmed."""

    PLAIN: ClassVar = frozenset({"recovery_hashes"})

    account = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    secret = SealedTextField()
    # The last step that was accepted: a code opens once.
    last_step = models.BigIntegerField(default=0)
    recovery_hashes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)


class CounterCheck(models.Model):
    """That a clerk compared a person with their document, and until when that stands."""

    PLAIN: ClassVar = frozenset({"document"})

    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    document = models.CharField(max_length=40)
    org_id = models.BigIntegerField()
    clerk_id = models.BigIntegerField()
    leaf_id = models.BigIntegerField()
    checked_at = models.DateTimeField()
    until = models.DateField()
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.BigIntegerField(null=True)


class Passkey(models.Model):
    """A WebAuthn credential of an account: the public half, as the device gave it."""

    PLAIN: ClassVar = frozenset({"credential_id", "handle"})

    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    credential_id = models.CharField(max_length=1400, unique=True)
    # AAGUID, credential id and COSE key in one piece (WebAuthn 6.5.2).
    data = models.BinaryField()
    # Random, the same for all passkeys of an account: tells the device nothing of who it is.
    handle = models.CharField(max_length=40)
    sign_count = models.BigIntegerField()
    is_synced = models.BooleanField()
    name = SealedTextField()
    added_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    # The check at a counter that this key was raised by, for as long as it stands.
    vouched = models.ForeignKey(CounterCheck, models.SET_NULL, null=True, related_name="+")


class SpentChallenge(models.Model):
    """A challenge that was answered, rightly or not; kept for as long as it would be open."""

    PLAIN: ClassVar = frozenset({"mark"})

    mark = models.CharField(max_length=64, primary_key=True)
    spent_at = models.DateTimeField(db_index=True)


class PhoneCode(models.Model):
    """The newest code sent to a phone for a purpose; the phone is kept as an index only."""

    PLAIN: ClassVar = frozenset({"phone_index", "purpose", "code_hash"})

    phone_index = models.CharField(max_length=64)
    purpose = models.CharField(max_length=12)
    code_hash = models.CharField(max_length=64)
    sent_at = models.DateTimeField()
    sent_today = models.PositiveSmallIntegerField(default=1)
    tries_left = models.PositiveSmallIntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["phone_index", "purpose"], name="login_one_code"),)


class FailedSignIns(models.Model):
    """Wrong attempts in a row under one name, kept as an index that tells nothing."""

    PLAIN: ClassVar = frozenset({"key"})

    key = models.CharField(max_length=64, primary_key=True)
    count = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField()
    locked_until = models.DateTimeField(null=True)


class Token(models.Model):
    """A bearer token of a machine account; only its hash is kept."""

    PLAIN: ClassVar = frozenset({"title", "prefix", "secret_hash"})

    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    title = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12, unique=True)
    secret_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    expires_on = models.DateField()
    revoked_at = models.DateTimeField(null=True)


class Appointment(models.Model):
    """An invitation to act for a firm, from its legal representative to an account, and what became of it."""

    PLAIN: ClassVar = frozenset({"scope"})

    firm = models.ForeignKey("people.Party", models.PROTECT, related_name="+")
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    scope = models.CharField(max_length=80)
    ends_on = models.DateField()
    asked_by = models.BigIntegerField()
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    is_accepted = models.BooleanField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    mandate_id = models.BigIntegerField(null=True)
