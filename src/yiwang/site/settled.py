"""Remembers that records, pages and packs are up to date with this very code, so that a second start need not look."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from yiwang.site import database, paths


def recall(*, demo: bool) -> str | None:
    """What `yiwang settle` said when it last ran on this code and this database; None when it has to run again."""
    if database.is_outside():
        return None
    stamp = _stamp()
    if not stamp.is_file():
        return None
    fingerprint, _, said = stamp.read_text(encoding="utf-8").partition("\n")
    return said if fingerprint == _fingerprint(demo=demo) else None


def remember(said: str, *, demo: bool) -> None:
    """Keep what `yiwang settle` said, beside the data it said it of."""
    if not database.is_outside():
        _stamp().write_text(f"{_fingerprint(demo=demo)}\n{said}", encoding="utf-8")


def _stamp() -> Path:
    return database.cluster().folder / "settled"


def _fingerprint(*, demo: bool) -> str:
    digest = hashlib.sha256(f"{demo} {_identity()}\n".encode())
    for path in sorted(_sources()):
        found = path.stat()
        digest.update(f"{path}:{found.st_size}:{found.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _identity() -> str:
    # A database that was restored or made anew is another one, whatever its files are called.
    with database.cluster().connect(database.name()) as connection:
        row = connection.execute(
            "SELECT system_identifier, (SELECT oid FROM pg_database WHERE datname = current_database()) FROM pg_control_system()"
        ).fetchone()
    return str(row)


def _sources() -> Iterator[Path]:
    yield paths.ROOT / "requirements.lock"
    for folder in (paths.ROOT / "src", paths.ROOT / "packs", paths.HOME / "static-vendor"):
        yield from (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")
