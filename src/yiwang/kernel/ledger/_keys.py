"""The checkpoint key: a file outside the database (hex seed, 0600), and the public keys it was rotated from."""

import hashlib
import hmac
import os
import secrets
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from yiwang.kernel.ledger._note import Signer, Verifier
from yiwang.kernel.ledger.contracts import KeyMissing


def origin() -> str:
    """The log's name, signed into every checkpoint."""
    return str(getattr(settings, "YIWANG_LEDGER_ORIGIN", "yiwang/ledger"))


def algorithm() -> str:
    return str(getattr(settings, "YIWANG_LEDGER_HASH", "sha256"))


def key_file() -> Path:
    return Path(settings.YIWANG_LEDGER_KEY_FILE)


def signer() -> Signer:
    """Raises KeyMissing when the key file is absent or unreadable."""
    return Signer(origin(), Ed25519PrivateKey.from_private_bytes(_seed(key_file())))


def row_key() -> bytes:
    """The MAC key of entry rows, derived from the key file: whoever holds only the database cannot make seals."""
    return _derived(_seed(key_file()))


def row_keys() -> list[bytes]:
    """The MAC keys of today and of every retired key file, newest first."""
    return [_derived(_seed(path)) for path in (key_file(), *_retired())]


def verifiers() -> list[Verifier]:
    """The public keys that may have signed a checkpoint of this log, newest first."""
    return [_verifier(path) for path in (key_file(), *_retired())]


def draft() -> tuple[Path, Verifier]:
    """Write a new key beside the present one, which stays in use."""
    path = key_file().with_name(f"{key_file().name}.new")
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(secrets.token_hex(32))
    return path, _verifier(path)


def take_over(new: Path, stamp: str) -> None:
    """Put a drafted key into use; the old one stays beside it, since it still proves the rows it sealed."""
    # Linked before it is replaced: whenever this is cut short, there is a key in use and none is lost.
    os.link(key_file(), key_file().with_name(f"{key_file().name}.retired-{stamp}"))
    new.replace(key_file())


def _verifier(path: Path) -> Verifier:
    return Signer(origin(), Ed25519PrivateKey.from_private_bytes(_seed(path))).verifier


def _retired() -> list[Path]:
    return sorted(key_file().parent.glob(f"{key_file().name}.retired-*"), reverse=True)


def _seed(path: Path) -> bytes:
    try:
        return _read(path, path.stat().st_mtime_ns)
    except (OSError, ValueError) as wrong:
        raise KeyMissing(
            "存证密钥读不到，无法签发检查点。",
            hint=f"请从备份恢复 {path.name}（64位十六进制，权限0600），或用 yiwang doctor 检查。",
        ) from wrong


@lru_cache(maxsize=32)
def _read(path: Path, _changed: int) -> bytes:
    seed = bytes.fromhex(path.read_text(encoding="ascii").strip())
    if len(seed) != 32:
        raise ValueError("a ledger key is 32 bytes")
    return seed


def _derived(seed: bytes) -> bytes:
    return hmac.new(seed, b"yiwang ledger row", hashlib.sha256).digest()
