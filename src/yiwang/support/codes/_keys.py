"""Keys that sign codes: made in time, published before they sign; those of plates stay for good."""

import base64
import os
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from django.db import connection, transaction

from yiwang.support.codes import _policy
from yiwang.support.codes._code import HALF, PublicKey, Verifier
from yiwang.support.codes.contracts import KeyUse
from yiwang.support.codes.models import CodeKey

# Gates keep our list for a day at most: a new key waits until they have seen it.
SEEN_AFTER = timedelta(days=1)
# What an old key signed in its last minute is over long before.
KEPT = timedelta(hours=1)
_LOCK = 0x59574B45


def signing(use: KeyUse, *, at: datetime) -> CodeKey:
    """The newest key whose time to sign has come; the first is made here."""
    return _signing(use, at) or _first(use, at)


def _signing(use: KeyUse, at: datetime) -> CodeKey | None:
    rows = CodeKey.objects.filter(use=use.value, signs_from__lte=at)
    return rows.order_by("-signs_from", "-pk").first()


@transaction.atomic
def _first(use: KeyUse, at: datetime) -> CodeKey:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    return _signing(use, at) or make(use, signs_from=at, at=at)


def make(use: KeyUse, *, signs_from: datetime, at: datetime) -> CodeKey:
    """Draw a key."""
    private = ec.generate_private_key(ec.SECP256R1())
    kid = os.urandom(4).hex()
    return CodeKey.objects.create(
        kid=kid,
        use=use.value,
        public=_jwk(private.public_key(), kid),
        private=base64.b64encode(private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())).decode(),
        blind=os.urandom(16).hex(),
        made_at=at,
        signs_from=signs_from,
    )


def published(*, at: datetime) -> list[CodeKey]:
    """Keys whose codes may still be about, and the next."""
    rows = CodeKey.objects.exclude(retired_at__lt=at - KEPT).order_by("use", "-signs_from", "-pk")
    return list(rows.defer("private", "blind"))


def as_jwk(row: CodeKey) -> dict[str, Any]:
    told = {**row.public, "codes": row.use, "nbf": int(row.signs_from.timestamp())}
    return told | ({"exp": int(row.retired_at.timestamp())} if row.retired_at else {})


def verifier() -> Verifier:
    """With every key there ever was: a scan that comes in late is judged by its own time."""
    rows = CodeKey.objects.order_by("pk").values_list("kid", "signs_from", "retired_at")
    return _verifier(tuple(rows), _policy.skew())


@lru_cache(maxsize=4)
def _verifier(rows: tuple[tuple[str, datetime, datetime | None], ...], skew: timedelta) -> Verifier:
    found = CodeKey.objects.filter(kid__in=[kid for kid, _, _ in rows]).defer("private", "blind")
    return Verifier([PublicKey.of_jwk(as_jwk(row)) for row in found], skew=skew)


def blind_of(kid: bytes) -> bytes:
    return bytes.fromhex(str(CodeKey.objects.only("blind").get(kid=kid.hex()).blind))


@lru_cache(maxsize=8)
def opened(private: str) -> ec.EllipticCurvePrivateKey:
    key = load_der_private_key(base64.b64decode(private), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key


def _jwk(point: ec.EllipticCurvePublicKey, kid: str) -> dict[str, str]:
    numbers = point.public_numbers()
    x, y = (
        base64.urlsafe_b64encode(half.to_bytes(HALF, "big")).decode().rstrip("=") for half in (numbers.x, numbers.y)
    )
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y, "kid": kid, "alg": "ES256", "use": "sig"}
