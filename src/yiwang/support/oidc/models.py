"""Clients, codes and tokens of django-oauth-toolkit in our own tables, with visits, consents and signing keys."""

import hashlib
import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from oauth2_provider.models import AbstractAccessToken, AbstractApplication, AbstractGrant, AbstractRefreshToken

from yiwang.kernel.base.fields import SealedTextField
from yiwang.support.oidc.contracts import ClientStatus


class HashedField(models.CharField):  # type: ignore[type-arg]
    """Keeps the SHA-256 of what is put in and looked up: 256 random bits need no slow hash."""

    def get_prep_value(self, value: Any) -> Any:
        return None if value is None else hashed(str(value))


def hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


class SigningKey(models.Model):
    """A key that signs ID tokens; published before it signs and after it stops."""

    PLAIN: ClassVar = frozenset({"kid", "public"})

    kid = models.CharField(max_length=64, unique=True)
    public = models.JSONField()
    private = SealedTextField()
    made_at = models.DateTimeField()
    signs_from = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)


class Client(AbstractApplication):  # type: ignore[misc]
    """A system that people sign in to with this place's accounts, or that calls by itself."""

    PLAIN: ClassVar = frozenset(
        {
            "client_id",
            "redirect_uris",
            "post_logout_redirect_uris",
            "client_type",
            "authorization_grant_type",
            "client_secret",
            "name",
            "algorithm",
            "allowed_origins",
            "registration_source",
            "kind",
            "ground",
            "purpose",
            "authority",
            "audiences",
            "scopes",
            "logout_uri",
            "status",
        }
    )

    # The machine account in whose name it acts, and under which people see what it learned.
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    client_secret = models.CharField(max_length=64, blank=True, default="")
    created = None
    updated = None
    cimd_expires_at = None
    org = models.ForeignKey("orgs.Organisation", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8)
    ground = models.CharField(max_length=8)
    purpose = models.CharField(max_length=120)
    authority = models.CharField(max_length=200)
    audiences = ArrayField(models.CharField(max_length=8), default=list)
    scopes = ArrayField(models.CharField(max_length=40), default=list)
    level = models.PositiveSmallIntegerField(default=1)
    logout_uri = models.CharField(max_length=400, blank=True, default="")
    status = models.CharField(max_length=8)
    asked_by = models.BigIntegerField(null=True)
    registered_at = models.DateTimeField()

    objects: ClassVar[models.Manager["Client"]] = models.Manager()

    class Meta:
        indexes = (models.Index(fields=["org", "-id"], name="oidc_clients_of_org"),)

    def is_usable(self, request: Any) -> bool:
        return bool(self.status == ClientStatus.VALID.value)

    def redirect_uri_allowed(self, uri: str) -> bool:
        """Letter by letter, as RFC 9700 asks."""
        return uri in self.redirect_uris.split()

    def post_logout_redirect_uri_allowed(self, uri: str) -> bool:
        return uri in self.post_logout_redirect_uris.split()

    def allows_grant_type(self, *grant_types: str) -> bool:
        return bool(self.authorization_grant_type in grant_types)


class ClientEvent(models.Model):
    """What was done to a client: asked for, confirmed, declined, stopped, given a new secret."""

    PLAIN: ClassVar = frozenset({"act", "grounds"})

    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    act = models.CharField(max_length=16)
    grounds = models.CharField(max_length=500)
    account_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()


class Visit(models.Model):
    """Somebody signed in to a client: what its tokens rest on. Over, they are worth nothing."""

    PLAIN: ClassVar = frozenset({"mark", "methods", "scopes", "issuer", "ending"})

    sid = models.UUIDField(default=uuid.uuid4, unique=True)
    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    mandate_id = models.BigIntegerField(null=True)
    # Of the sitting it came from.
    mark = models.CharField(max_length=16)
    level = models.PositiveSmallIntegerField()
    methods = ArrayField(models.CharField(max_length=4))
    proved_at = models.DateTimeField()
    scopes = ArrayField(models.CharField(max_length=40))
    issuer = models.CharField(max_length=200)
    opened_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ending = models.CharField(max_length=12, blank=True, default="")
    # When the client was told that it is over.
    told_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=["account", "-id"], name="oidc_visits_of_account"),
            models.Index(fields=["client", "-id"], name="oidc_visits_of_client"),
        )


class Code(AbstractGrant):  # type: ignore[misc]
    """An authorization code: a minute long, once, for whoever holds the verifier."""

    PLAIN: ClassVar = frozenset(
        {
            "code",
            "redirect_uri",
            "scope",
            "code_challenge",
            "code_challenge_method",
            "nonce",
            "claims",
            "resource",
        }
    )

    user = None
    created = None
    updated = None
    code = HashedField(max_length=64, unique=True)
    visit = models.ForeignKey(Visit, models.CASCADE, related_name="+")
    used_at = models.DateTimeField(null=True)


class AccessToken(AbstractAccessToken):  # type: ignore[misc]
    """Opens what a visit's scopes say, or what a service client may do; kept as a hash."""

    PLAIN: ClassVar = frozenset({"token", "token_checksum", "scope", "resource"})

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    source_refresh_token = None
    id_token = None
    created = None
    updated = None
    visit = models.ForeignKey(Visit, models.CASCADE, null=True, related_name="+")
    given_at = models.DateTimeField()


class RefreshToken(AbstractRefreshToken):  # type: ignore[misc]
    """Changed for a new pair once; a second time ends the visit."""

    PLAIN: ClassVar = frozenset({"token", "token_checksum", "resource"})

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    access_token = None
    token_family = None
    created = None
    updated = None
    visit = models.ForeignKey(Visit, models.CASCADE, related_name="+")
    given_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["token_checksum"], name="oidc_one_refresh_token"),)


class Consent(models.Model):
    """What somebody let a client know, as themselves or for a firm, until they take it back."""

    PLAIN: ClassVar = frozenset({"scopes"})

    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    principal_id = models.BigIntegerField(default=0)
    scopes = ArrayField(models.CharField(max_length=40))
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["account", "client", "principal_id"], name="oidc_one_consent"),)
