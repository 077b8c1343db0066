"""What a leaf says: a public envelope around a salted commitment to content that stands elsewhere.

The salt keeps a reader of the envelope from guessing content; erasing content and salt leaves every proof valid.
"""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from yiwang.kernel.ledger._tree import Hash

SALT_BYTES = 32
_AS_IS = frozenset({str, bool, int})


def canonical(content: dict[str, Any]) -> str:
    """One text per content: sorted keys, no blanks, no floats (RFC 8785 for what we allow)."""
    return json.dumps(_plain(content), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def committed(digest: Hash, salt: bytes, text: str) -> str:
    return digest(salt + text.encode()).hex()


def envelope(*, algorithm: str, kind: str, subject: str, commitment: str, recorded_at: datetime) -> bytes:
    """The bytes that the tree hashes."""
    stamp = recorded_at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    return canonical(
        {
            "v": 1,
            "hash": algorithm,
            "kind": kind,
            "subject": subject,
            "commitment": commitment,
            "recorded_at": stamp,
        }
    ).encode()


def _plain(value: Any) -> Any:
    if value is None or type(value) in _AS_IS:
        return value
    if isinstance(value, dict):
        return {_key(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Enum):
        return _plain(value.value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, str | int):
        return value
    raise TypeError(f"a ledger leaf cannot hold {type(value).__name__}")


def _key(key: Any) -> str:
    if not isinstance(key, str) or not key.isascii():
        raise TypeError("keys of a ledger leaf are ASCII words")
    return key
