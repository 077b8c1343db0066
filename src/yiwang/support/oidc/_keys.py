"""Keys that sign ID tokens: made in time, published before they sign, kept published until what they signed is over."""

import json
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db import connection, transaction
from jwcrypto import jwk, jws, jwt
from jwcrypto.common import JWException

from yiwang.support.oidc.models import SigningKey

ALGORITHM = "RS256"
SIZE = 2048
TOKEN_MAX = 8192
# Clients keep our list of keys for a while: a new key waits until they have seen it.
SEEN_AFTER = timedelta(hours=2)
# Logout hints are believed for so long after the key stopped signing.
KEPT = timedelta(days=7)
_LOCK = 0x59574F49


def signing(*, at: datetime) -> SigningKey:
    """The newest key whose time to sign has come; the first is made here."""
    found = _signing(at)
    return found or _first(at)


def _signing(at: datetime) -> SigningKey | None:
    return SigningKey.objects.filter(signs_from__lte=at).order_by("-signs_from", "-pk").first()


@transaction.atomic
def _first(at: datetime) -> SigningKey:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    return _signing(at) or make(signs_from=at, at=at)


def make(*, signs_from: datetime, at: datetime) -> SigningKey:
    """Draw a key; those before it stay published until nobody needs them."""
    kid, public, private = draw()
    SigningKey.objects.filter(retired_at=None).update(retired_at=signs_from + KEPT)
    return SigningKey.objects.create(kid=kid, public=public, private=private, made_at=at, signs_from=signs_from)


def draw() -> tuple[str, dict[str, Any], str]:
    """A new key: its number, its public half, its private half."""
    made = jwk.JWK.generate(kty="RSA", size=SIZE, alg=ALGORITHM, use="sig")
    kid = made.thumbprint()
    return kid, {**json.loads(made.export_public()), "kid": kid}, made.export_private()


def published(*, at: datetime) -> list[SigningKey]:
    """Every key with which a token in somebody's hands may be signed, and the next."""
    signing(at=at)
    rows = SigningKey.objects.exclude(retired_at__lt=at).order_by("-signs_from", "-pk")
    return list(rows.defer("private"))


def signed(claims: dict[str, Any], *, at: datetime, kind: str = "JWT") -> str:
    """A JWS over the claims by the key in use."""
    row = signing(at=at)
    token = jwt.JWT(header={"alg": ALGORITHM, "typ": kind, "kid": row.kid}, claims=claims)
    token.make_signed_token(_opened(row.kid, row.private))
    return str(token.serialize())


def believed(text: str, *, at: datetime) -> dict[str, Any] | None:
    """The claims of a token that one of our keys signed, be it past its time; None for anything else."""
    if len(text) > TOKEN_MAX:
        return None
    try:
        token = jws.JWS(header_registry=None)
        token.allowed_algs = [ALGORITHM]
        token.deserialize(text)
        kid = str(token.jose_header.get("kid", ""))
        row = next((key for key in published(at=at) if key.kid == kid), None)
        if row is None:
            return None
        token.verify(jwk.JWK(**row.public))
        found = json.loads(token.payload)
    except (JWException, ValueError, TypeError, AttributeError):
        return None
    return found if isinstance(found, dict) else None


@lru_cache(maxsize=4)
def _opened(kid: str, private: str) -> jwk.JWK:
    return jwk.JWK.from_json(private)
