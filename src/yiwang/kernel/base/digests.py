"""Django's keyed digests (`salted_hmac` with SHA-256), whose keys are derived once and not with every request."""

import hashlib
import hmac
from functools import lru_cache

_KEYS_KEPT = 20


def salted(salt: str, value: str, *, secret: str) -> bytes:
    """What `salted_hmac(salt, value, secret, algorithm="sha256").digest()` says; 32 bytes."""
    return hmac.digest(_key(salt, secret), value.encode(), "sha256")


@lru_cache(maxsize=_KEYS_KEPT)
def _key(salt: str, secret: str) -> bytes:
    return hashlib.sha256(f"{salt}{secret}".encode()).digest()
