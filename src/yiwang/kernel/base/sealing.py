"""Sealing of personal values: SM4-GCM for storage, HMAC-SHA256 for look-up.

Keys derive from files outside the database: the sealing key in use, those it was rotated from (`….retired-*` beside it), and the index
key. A sealed value names its key, so that a key can be changed while values under the old one are still read.
"""

import hashlib
import hmac
import os
from functools import cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.conf import settings

_UNNAMED, _NAMED = b"\x01", b"\x02"
_ID, _NONCE, _TAG = 4, 12, 16


class CannotUnseal(Exception):
    """The bytes were altered or sealed under another key."""


def seal(plain: bytes) -> bytes:
    """Seal under the key in use."""
    head, key = _current()
    nonce = os.urandom(_NONCE)
    encryptor = Cipher(key, modes.GCM(nonce)).encryptor()
    body = encryptor.update(plain) + encryptor.finalize()
    return head + nonce + encryptor.tag + body


def unseal(sealed: bytes) -> bytes:
    """Open what any known key sealed. Raises CannotUnseal."""
    if sealed[:1] == _NAMED:
        key = _keys().get(sealed[1 : 1 + _ID]) or _reread().get(sealed[1 : 1 + _ID])
        if key is None:
            raise CannotUnseal("sealed under a key that is not here")
        return _opened(key, sealed[1 + _ID :])
    if sealed[:1] != _UNNAMED:
        raise CannotUnseal("unknown sealing version")
    for key in _keys().values():
        try:
            return _opened(key, sealed[1:])
        except CannotUnseal:
            continue
    raise CannotUnseal("sealed value was altered or belongs to another key")


def current_head() -> bytes:
    """What every value begins with that was sealed under the key in use."""
    return _current()[0]


def sealed_index(value: str) -> str:
    """A stable look-up token for a sealed value (ID number, phone, USCC); 64 hex digits."""
    return hmac.digest(_index_key(), value.strip().upper().encode(), "sha256").hex()


def sealed_digest(plain: bytes) -> bytes:
    """What tells two sealed contents apart without opening them; 32 bytes, and nobody without the key can try guesses."""
    return hmac.digest(_index_key(), b"digest\0" + plain, "sha256")


def index_key_of(master: bytes) -> bytes:
    """The index key that a sealing key stood for before there was one of its own."""
    return _derived(master, "index")


def forget_keys() -> None:
    """Read the key files anew."""
    for known in (_keys, _current, _index_key):
        known.cache_clear()


def _opened(key: algorithms.SM4, rest: bytes) -> bytes:
    if len(rest) < _NONCE + _TAG:
        raise CannotUnseal("too short to be a sealed value")
    nonce, tag, body = rest[:_NONCE], rest[_NONCE : _NONCE + _TAG], rest[_NONCE + _TAG :]
    decryptor = Cipher(key, modes.GCM(nonce, tag)).decryptor()
    try:
        return decryptor.update(body) + decryptor.finalize()
    except InvalidTag as wrong:
        raise CannotUnseal("sealed value was altered or belongs to another key") from wrong


@cache
def _current() -> tuple[bytes, algorithms.SM4]:
    number, key = next(iter(_keys().items()))
    return _NAMED + number, key


@cache
def _keys() -> dict[bytes, algorithms.SM4]:
    """Keys by their numbers, the one in use first."""
    masters = [bytes.fromhex(path.read_text(encoding="ascii").strip()) for path in _files()]
    return {_derived(master, "number")[:_ID]: algorithms.SM4(_derived(master, "seal")[:16]) for master in masters}


def _reread() -> dict[bytes, algorithms.SM4]:
    # The key was changed while this process ran.
    forget_keys()
    return _keys()


def _files() -> list[Path]:
    path = Path(settings.YIWANG_SEALING_KEY_FILE)
    return [path, *sorted(path.parent.glob(f"{path.name}.retired-*"), reverse=True)]


@cache
def _index_key() -> bytes:
    own = Path(settings.YIWANG_SEALING_KEY_FILE).with_name("index-key")
    if own.exists():
        return bytes.fromhex(own.read_text(encoding="ascii").strip())
    return index_key_of(bytes.fromhex(_files()[0].read_text(encoding="ascii").strip()))


def _derived(master: bytes, purpose: str) -> bytes:
    return hmac.new(master, purpose.encode(), hashlib.sha256).digest()
