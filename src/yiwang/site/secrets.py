"""Secrets of this installation: one file each under var/secrets, readable by the owner only, never made anew once data exists."""

import os
import re
import secrets
from pathlib import Path

from yiwang.site import paths
from yiwang.site.failures import Failed

NAMES = (
    "django-key",
    "sealing-key",
    "ledger-key",
    "database-superuser",
    "database-owner",
    "database-app",
)
_DRAFT = re.compile(r"\.(new|\d+)$")


class SecretsLost(Failed):
    """Data exists that was sealed with a key which is no longer there."""


def read(name: str) -> str:
    """The secret's text; made on first use of an installation that holds no data yet."""
    path = file(name)
    if not path.exists():
        ensure()
    return path.read_text(encoding="ascii").strip()


def file(name: str) -> Path:
    """Where a secret lies."""
    return paths.HOME / "secrets" / name


def kept() -> list[Path]:
    """Every secret in use or retired."""
    folder = paths.HOME / "secrets"
    return sorted(path for path in folder.iterdir() if is_kept(path)) if folder.is_dir() else []


def retired(name: str) -> list[str]:
    """What a secret was before, newest first."""
    older = sorted((paths.HOME / "secrets").glob(f"{name}.retired-*"), reverse=True)
    return [path.read_text(encoding="ascii").strip() for path in older]


def write(path: Path, value: str) -> None:
    """A new file that only its owner can read. Raises FileExistsError."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(value)
        stream.flush()
        os.fsync(stream.fileno())


def is_kept(path: Path) -> bool:
    """Whether this is a secret in use or a retired one, and not the draft of one."""
    return path.is_file() and not _DRAFT.search(path.name)


def ensure() -> None:
    """Make every secret that an empty installation still lacks."""
    for path in map(file, NAMES):
        if not path.exists():
            _make(path)


def _make(path: Path) -> None:
    # A new sealing key over old data would make every personal value unreadable without saying so.
    if (paths.HOME / "pg" / "data" / "PG_VERSION").exists():
        raise SecretsLost(f"{path} is missing but this installation holds data. Restore var/secrets from the backup.")
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    write(draft, secrets.token_hex(32))
    try:
        # link, not rename: of two processes that start together, the first one's secret stays.
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
