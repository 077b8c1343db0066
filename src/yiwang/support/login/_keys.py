"""Names and hashes of sittings and tokens that do not open them."""

import hashlib

MARK = "yw_"


def sitting_key(session_key: str) -> str:
    return hashlib.sha256(session_key.encode()).hexdigest()[:16]


def token_hash(secret: str) -> str:
    """256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()
