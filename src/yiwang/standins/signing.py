"""How two systems prove who wrote a message: HMAC-SHA256 over time, method, path and body. Written apart from the platform's own."""

import hashlib
import hmac
import os
import secrets
from pathlib import Path

WINDOW_SECONDS = 300
SCHEME = "v1="


def sign(key: bytes, *, timestamp: int, method: str, path: str, body: bytes) -> str:
    digest = hashlib.sha256(body).hexdigest()
    text = f"{timestamp}\n{method.upper()}\n{path}\n{digest}".encode()
    return SCHEME + hmac.new(key, text, hashlib.sha256).hexdigest()


def is_genuine(key: bytes, signature: str, *, timestamp: int, now: float, method: str, path: str, body: bytes) -> bool:
    expected = sign(key, timestamp=timestamp, method=method, path=path, body=body)
    return abs(now - timestamp) <= WINDOW_SECONDS and hmac.compare_digest(expected.encode(), signature.encode())


def shared_key(path: Path) -> bytes:
    """Reads the key both sides hold; whoever comes first writes it."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        # O_EXCL: two processes starting together must end with one key.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text("ascii").strip().encode()
    key = secrets.token_hex(32)
    with os.fdopen(handle, "w") as file:
        file.write(key + "\n")
    return key.encode()
