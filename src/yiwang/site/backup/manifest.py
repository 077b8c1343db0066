"""What a backup says of itself: manifest.json for the reader, SHA256SUMS for every byte (`sha256sum -c` reads it too)."""

import errno
import hashlib
import io
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from yiwang.site.failures import Failed

MANIFEST, SUMS = "manifest.json", "SHA256SUMS"
DUMP, SECRETS, SECRETS_SEALED, FILES, LAKE, PACKS, CHECKPOINT = (
    "database.dump",
    "secrets.tar",
    "secrets.sealed",
    "files",
    "lake/tables",
    "packs",
    "ledger-checkpoint.txt",
)
FORMAT = 1
CHUNK = 1024 * 1024
NAMED_MAX = 20


class BackupBad(Failed):
    """A folder that is no backup of ours, or one that was damaged since."""


@dataclass(frozen=True)
class Manifest:
    """The state of the installation at the moment of the dump; `sums` is the SHA-256 of the file SHA256SUMS."""

    format: int
    made_at: str
    version: str
    postgresql: str
    migrations: list[str]
    tables: dict[str, int]
    release: str
    tree_size: int
    secrets: str
    sums: str

    def write(self, folder: Path) -> str:
        """Write it and return its own SHA-256, which the operator may note down elsewhere."""
        text = json.dumps(asdict(self), ensure_ascii=False, indent=2) + "\n"
        return copied(io.BytesIO(text.encode()), folder / MANIFEST)


def read(folder: Path) -> Manifest:
    """Raises BackupBad when the folder is no backup, is of a later format, or its list of sums was changed."""
    try:
        manifest = Manifest(**json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
        sums = digest_of(folder / SUMS)
    except FileNotFoundError as lost:
        raise BackupBad(f"{folder} is no backup: {Path(lost.filename).name} is not there.") from lost
    except (ValueError, TypeError) as wrong:
        raise BackupBad(f"{folder / MANIFEST} cannot be read: {wrong}. Take another backup.") from wrong
    if manifest.format != FORMAT:
        raise BackupBad(f"{folder} has format {manifest.format}; this version of Yiwang reads format {FORMAT}.")
    if sums != manifest.sums:
        raise BackupBad(f"{folder / SUMS} is not the one that {MANIFEST} was written for. Take another backup.")
    return manifest


def sums(folder: Path) -> Iterator[tuple[str, str]]:
    """Path and SHA-256 of every file of the backup, in order. Raises BackupBad for a path that leads out of it."""
    with open(folder / SUMS, encoding="utf-8") as lines:
        for line in lines:
            digest, _, path = line.rstrip("\n").partition("  ")
            if not path or PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
                raise BackupBad(f"{folder / SUMS} names what no backup holds: {path!r}.")
            yield path, digest


def check(folder: Path) -> int:
    """Read everything and compare; returns how many files there are. Raises BackupBad naming what is missing or damaged."""
    read(folder)
    wrong, count = [], 0
    for path, digest in sums(folder):
        count += 1
        place = folder / path
        if not place.is_file():
            wrong.append(f"{path} is missing")
        elif digest_of(place) != digest:
            wrong.append(f"{path} is damaged")
    if wrong:
        raise BackupBad(f"{folder}: {spoken(wrong)}. Take another backup.")
    return count


def spoken(wrong: list[str]) -> str:
    """The first of them, and how many more."""
    return "; ".join(wrong[:NAMED_MAX]) + (f"; and {len(wrong) - NAMED_MAX} more" if len(wrong) > NAMED_MAX else "")


def digest_of(path: Path) -> str:
    """SHA-256 of a file, without reading it into memory whole."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def copied(source: IO[bytes], target: Path) -> str:
    """Write a stream durably, readable for the owner only; returns its SHA-256."""
    digest = hashlib.sha256()
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    target.unlink(missing_ok=True)
    with open(target, "wb", opener=_private) as out:
        while chunk := source.read(CHUNK):
            digest.update(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    return digest.hexdigest()


def _private(path: str, flags: int) -> int:
    """An opener that makes files nobody else can read."""
    return os.open(path, flags, 0o600)


def full_disk(error: OSError) -> str | None:
    """What the disk is, when that is why it could not be written; None for anything else."""
    return {
        errno.ENOSPC: "full",
        errno.EDQUOT: "full for this account",
        errno.EFBIG: "unable to hold a file of this size",
    }.get(error.errno or 0)
