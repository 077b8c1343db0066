"""The folder of contents: sealed, named by the SHA-256 of what they say, written whole or not at all."""

import os
import tempfile
from pathlib import Path

from django.conf import settings

from yiwang.kernel.base.sealing import seal, unseal
from yiwang.kernel.files.contracts import NoSuchFile


def place(sha256: str) -> Path:
    return Path(settings.YIWANG_FILES) / sha256[:2] / sha256[2:4] / sha256


def keep(sha256: str, content: bytes) -> None:
    """Write the content durably; a second time is quick and changes nothing."""
    target = place(sha256)
    if target.exists():
        return
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=target.parent, prefix=".part-")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(seal(content))
            out.flush()
            os.fsync(out.fileno())
        Path(draft).replace(target)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise


def read(sha256: str) -> bytes:
    try:
        return unseal(place(sha256).read_bytes())
    except FileNotFoundError as lost:
        raise NoSuchFile("文件内容已不在存储中。", hint="请联系管理员从备份恢复。") from lost
