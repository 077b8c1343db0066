"""Sealing of personal values: SM4-GCM for storage, HMAC-SHA256 for look-up.

Both keys derive from `settings.YIWANG_SEALING_KEY` (hex, 32 bytes), which lives outside the database.
"""

import hashlib
import hmac
import os
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.conf import settings

_VERSION = b"\x01"
_NONCE, _TAG = 12, 16


class CannotUnseal(Exception):
    """The bytes were altered or sealed under another key."""


@cache
def _key(purpose: str) -> bytes:
    master = bytes.fromhex(settings.YIWANG_SEALING_KEY)
    return hmac.new(master, purpose.encode(), hashlib.sha256).digest()


def seal(plain: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    encryptor = Cipher(algorithms.SM4(_key("seal")[:16]), modes.GCM(nonce)).encryptor()
    body = encryptor.update(plain) + encryptor.finalize()
    return _VERSION + nonce + encryptor.tag + body


def unseal(sealed: bytes) -> bytes:
    if sealed[:1] != _VERSION or len(sealed) < 1 + _NONCE + _TAG:
        raise CannotUnseal("unknown sealing version")
    nonce, rest = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
    decryptor = Cipher(algorithms.SM4(_key("seal")[:16]), modes.GCM(nonce, rest[:_TAG])).decryptor()
    try:
        return decryptor.update(rest[_TAG:]) + decryptor.finalize()
    except InvalidTag as wrong:
        raise CannotUnseal("sealed value was altered or belongs to another key") from wrong


def sealed_index(value: str) -> str:
    """A stable look-up token for a sealed value (ID number, phone, USCC); 64 hex digits."""
    return hmac.new(_key("index"), value.strip().upper().encode(), hashlib.sha256).hexdigest()
