"""Who wrote a message: HMAC-SHA256 over time, method, path and body with the key that both sides hold."""

import hashlib
import hmac
import os
import secrets
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction

from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor
from yiwang.support.connectors.contracts import BadSignature, CannotReach

WINDOW = timedelta(minutes=5)
SCHEME = "v1="


def key_file(system: str) -> Path:
    return Path(settings.YIWANG_HOME) / "outside" / f"{system}.key"


def headers(system: str, *, method: str, path: str, body: bytes, at: datetime) -> dict[str, str]:
    stamp = int(at.timestamp())
    return {"X-Yiwang-Timestamp": str(stamp), "X-Yiwang-Signature": _sign(_key(system), stamp, method, path, body)}


def require_genuine(
    system: str, *, method: str, path: str, body: bytes, timestamp: str, signature: str, at: datetime
) -> None:
    """Raises BadSignature for a wrong key, a changed message, or one that is older or newer than five minutes."""
    is_stamp = timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12
    stamp = int(timestamp) if is_stamp else 0
    if abs(at.timestamp() - stamp) > WINDOW.total_seconds():
        raise BadSignature("报文时间不在允许的范围内。", hint="请校准时钟后重新签名发送。")
    expected = _sign(_key(system), stamp, method, path, body)
    if not hmac.compare_digest(expected.encode(), signature.encode()):
        raise BadSignature("报文签名不正确。", hint="请核对双方约定的密钥和签名方法。")


def secret(system: str) -> str:
    """The word agreed with a system that knows no signatures, such as a mail server. Raises CannotReach."""
    return _key(system).decode("ascii")


def _key(system: str) -> bytes:
    try:
        key = key_file(system).read_text("ascii").strip()
    except OSError:
        key = ""
    if len(key) < 32:
        raise CannotReach("与该系统约定的密钥尚未放置。", hint=f"请把密钥放到 outside/{system}.key。", code="no-key")
    return key.encode()


def _sign(key: bytes, stamp: int, method: str, path: str, body: bytes) -> str:
    text = f"{stamp}\n{method.upper()}\n{path}\n{hashlib.sha256(body).hexdigest()}".encode()
    return SCHEME + hmac.new(key, text, hashlib.sha256).hexdigest()


@transaction.atomic
def ensure_key(*, system: str, by: Actor, at: datetime) -> tuple[Path, bool]:
    """The key's file, made with a new key when there is none; tells whether it was made."""
    path = key_file(system)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        # O_EXCL: of two who come at once, one key must stay.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path, False
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_hex(32) + "\n")
    audit.record("connectors.key.made", target=f"outside:{system}", by=by, at=at)
    return path, True
