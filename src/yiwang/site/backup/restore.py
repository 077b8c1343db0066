"""Bring an installation back: built whole beside its place, proved, and only then moved there."""

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from yiwang.site import paths
from yiwang.site.backup import manifest, vault
from yiwang.site.failures import Failed
from yiwang.site.postgres import Cluster
from yiwang.site.progress import step

PARTS = ("files", "lake", "secrets", "pg")


class RestoreFailed(Failed):
    """Nothing was changed; the message says why and what to do."""


def restore(source: Path, *, passphrase: str | None, force: bool, at: datetime) -> str:
    """Put the backup in `source` into YIWANG_HOME; returns what the proof said. Raises RestoreFailed, BackupBad.

    With `force`, what is there is set aside in `replaced-…`, never deleted.
    """
    made = manifest.read(source)
    with _stopped():
        _refuse_data(force=force)
        staging = paths.HOME / ".restoring"
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir(mode=0o700, parents=True)
        try:
            _lay_out(source, made, staging, passphrase)
            said = _revived(source, staging)
            _take_over(staging, at)
        except OSError as error:
            why = f"its disk is {manifest.full_disk(error)}" if manifest.full_disk(error) else str(error)
            raise RestoreFailed(f"{paths.HOME} cannot be written: {why}. Nothing was changed.") from error
        finally:
            Cluster(staging / "pg").stop()
            shutil.rmtree(staging, ignore_errors=True)
    return said


def _lay_out(source: Path, made: manifest.Manifest, staging: Path, passphrase: str | None) -> None:
    kept = paths.HOME / "secrets"
    if made.secrets != "absent":
        vault.unpack(source, passphrase, staging / "secrets")
    elif kept.is_dir():
        shutil.copytree(kept, staging / "secrets")
    else:
        raise RestoreFailed(f"this backup holds no secrets. Put them into {kept} first, then run this again.")
    for part in ("files", "lake"):
        (staging / part).mkdir(mode=0o700)
    with step("checking and copying 核对并复制"):
        wrong = list(_damaged(source, staging))
    if wrong:
        raise manifest.BackupBad(f"{source}: {manifest.spoken(wrong)}. Nothing was changed; take another backup.")


def _damaged(source: Path, staging: Path) -> Iterator[str]:
    for path, digest in manifest.sums(source):
        try:
            if path.startswith((f"{manifest.FILES}/", f"{manifest.LAKE}/")):
                with open(source / path, "rb") as stream:
                    found = manifest.copied(stream, staging / path)
            else:
                found = manifest.digest_of(source / path)
        except FileNotFoundError:
            yield f"{path} is missing"
            continue
        if found != digest:
            yield f"{path} is damaged"


def _revived(source: Path, staging: Path) -> str:
    """The database's part, in a process of its own whose home is the new one."""
    dropped = ("YIWANG_CLUSTER", "YIWANG_DATABASE_NAME", "DJANGO_SETTINGS_MODULE")
    environment = {name: value for name, value in os.environ.items() if name not in dropped}
    environment |= {"YIWANG_HOME": str(staging), "YIWANG_LOG_LEVEL": "ERROR"}
    command = [sys.executable, "-m", "yiwang", "revive", str(source.absolute())]
    with step("reading the database in and checking the ledger 读入数据库并核对存证"):
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = done.stderr.strip().removeprefix("yiwang: ") or done.stdout.strip()
        raise RestoreFailed(f"{reason}\nNothing was changed in {paths.HOME}.")
    return done.stdout.strip()


def _take_over(staging: Path, at: datetime) -> None:
    aside = paths.HOME / f"replaced-{at:%Y%m%dT%H%M%S}"
    for part in PARTS:
        there, new = paths.HOME / part, staging / part
        if there.exists() and (new.exists() or part == "pg"):
            aside.mkdir(mode=0o700, exist_ok=True)
            there.rename(aside / part)
        if new.exists():
            new.rename(there)


def _refuse_data(*, force: bool) -> None:
    found = [name for name in PARTS if _holds_something(paths.HOME / name)]
    if found and not force:
        raise RestoreFailed(
            f"{paths.HOME} holds data already ({', '.join(found)}). Set YIWANG_HOME to an empty folder, "
            "or give --force: what is there is then set aside in a folder replaced-…"
        )


def _holds_something(folder: Path) -> bool:
    return folder.is_dir() and any(path.is_file() for path in folder.rglob("*"))


@contextlib.contextmanager
def _stopped() -> Iterator[None]:
    paths.HOME.mkdir(parents=True, exist_ok=True)
    with open(paths.HOME / "up", "a+") as running:
        try:
            fcntl.flock(running, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RestoreFailed(
                f"Yiwang is running on {paths.HOME}. Stop it first (Ctrl-C, or end that process)."
            ) from None
        if Cluster(paths.HOME / "pg").pid() is not None:
            raise RestoreFailed(f"PostgreSQL is running on {paths.HOME}. Let the command that uses it end first.")
        yield
