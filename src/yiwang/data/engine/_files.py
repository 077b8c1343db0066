"""The lake's folder: encrypted Parquet files, written whole and synced before anybody lists them."""

import base64
import hashlib
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Written:
    """A file on the disk that no snapshot lists yet; `key` opens it and exists nowhere else."""

    path: str
    rows: int
    size_bytes: int
    sha256: str
    key: str


def tables() -> Path:
    """Where the files are, one folder a table."""
    return _folder("tables")


def work() -> Path:
    """Where running connections put what does not fit into memory."""
    return _folder("work")


def place(path: str) -> Path:
    return tables() / path


def write(connection: "DuckDBPyConnection", query: str, folder: str) -> Written | None:
    """Write what a query gives into a new encrypted file; None when it gives no row."""
    path = f"{folder}/{uuid.uuid4().hex}.parquet"
    target = place(path)
    target.parent.mkdir(mode=0o700, exist_ok=True)
    key = base64.b64encode(os.urandom(_KEY_BYTES)).decode()
    name = add_key(connection, target.stem, key)
    target.touch(mode=0o600)
    options = f"FORMAT parquet, COMPRESSION zstd, ENCRYPTION_CONFIG {{footer_key: '{name}'}}, USE_TMP_FILE false"
    try:
        rows = int(connection.execute(f"COPY ({query}\n) TO '{target}' ({options})").fetchall()[0][0])
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    if not rows:
        target.unlink()
        return None
    _settle(target)
    with open(target, "rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return Written(path, rows, target.stat().st_size, digest, key)


def add_key(connection: "DuckDBPyConnection", name: str, key: str) -> str:
    """Let a connection open the files of this key; only those whose key was added can be read by its SQL."""
    connection.execute(f"PRAGMA add_parquet_key('{name}', '{key}')")
    return name


def found() -> Iterator[tuple[str, os.stat_result]]:
    """Every file that is there, as snapshots name it."""
    top = tables()
    for path in top.glob("*/*"):
        yield path.relative_to(top).as_posix(), path.stat()


def _folder(name: str) -> Path:
    path = Path(settings.YIWANG_LAKE) / name
    if not path.is_dir():
        Path(settings.YIWANG_LAKE).mkdir(mode=0o700, parents=True, exist_ok=True)
        path.mkdir(mode=0o700, exist_ok=True)
    return path


def _settle(target: Path) -> None:
    # On the disk before a row says so: the file and its entry in the folder.
    for path in (target, target.parent):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
