"""Make a backup: written beside its place, moved there when it is whole."""

import contextlib
import fcntl
import io
import os
import shutil
import tomllib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from yiwang.site import paths
from yiwang.site.backup import dump, manifest, vault
from yiwang.site.failures import Failed
from yiwang.site.progress import step


class BackupFailed(Failed):
    """No backup was made; the message says why and what to do."""


def make(target: Path, *, passphrase: str | None, with_secrets: bool, at: datetime) -> tuple[manifest.Manifest, str]:
    """Write a backup to `target`, which must not exist; returns what it holds and the SHA-256 of its manifest.

    What an interrupted run copied is used again. Raises BackupFailed, and then leaves nothing behind when the disk is full.
    """
    if target.exists():
        raise BackupFailed(f"{target} exists already. Give a folder that does not, such as {target}-{at:%Y%m%d-%H%M}.")
    draft = target.with_name(f"{target.name}.partial")
    with _told(draft), _only_one(draft):
        written = _written(draft, passphrase, with_secrets=with_secrets, at=at)
        (draft / "lock").unlink()
        _settle(draft)
        draft.rename(target)
        _settle(target.parent)
    return written


def _written(draft: Path, passphrase: str | None, *, with_secrets: bool, at: datetime) -> tuple[manifest.Manifest, str]:
    with dump.snapshot() as moment:
        with step("dumping the database 导出数据库"):
            sums = {manifest.DUMP: dump.write(draft / manifest.DUMP, moment.id)}
        tree_size, note = moment.head()
        about = {
            "migrations": moment.migrations(),
            "tables": moment.tables(),
            "release": moment.release(),
            "postgresql": moment.postgresql(),
        }
        # After the dump: a file is kept before its row commits, so every row of the dump finds its file; and nothing
        # is erased meanwhile, since the moment is held.
        with step("copying files 复制文件"):
            for part in (manifest.FILES, manifest.LAKE):
                sums |= dict(_copies(paths.HOME / part, draft / part, part))
    sums |= dict(_copies(paths.ROOT / "packs", draft / manifest.PACKS, manifest.PACKS))
    kept = "absent"
    if with_secrets:
        name, content = vault.packed(paths.HOME / "secrets", passphrase)
        kept = "sealed" if passphrase else "plain"
        sums[name] = _text(draft / name, content)
    sums[manifest.CHECKPOINT] = _text(draft / manifest.CHECKPOINT, note.encode())
    _drop_what_is_not_in(sums, draft)
    listed = _text(draft / manifest.SUMS, "".join(f"{sums[path]}  {path}\n" for path in sorted(sums)).encode())
    made = manifest.Manifest(
        format=manifest.FORMAT,
        made_at=at.isoformat(),
        version=_version(),
        tree_size=tree_size,
        secrets=kept,
        sums=listed,
        **about,  # type: ignore[arg-type]
    )
    return made, made.write(draft)


def _version() -> str:
    # A checkout runs without being installed, so its own file is asked.
    return str(tomllib.loads((paths.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])


def _copies(source: Path, target: Path, label: str) -> Iterator[tuple[str, str]]:
    for path in _found(source):
        inner = path.relative_to(source)
        copy = target / inner
        # An earlier run may have come this far; the same size and content is the same file.
        digest = manifest.digest_of(path) if _is_as_long(copy, path) else ""
        if digest and manifest.digest_of(copy) == digest:
            copy.chmod(0o600)
        else:
            with contextlib.suppress(FileNotFoundError), open(path, "rb") as stream:
                digest = manifest.copied(stream, copy)
        if digest:
            yield f"{label}/{inner.as_posix()}", digest


def _found(folder: Path) -> Iterator[Path]:
    for root, _, names in os.walk(folder):
        yield from (Path(root, name) for name in sorted(names) if not name.startswith("."))


def _is_as_long(copy: Path, path: Path) -> bool:
    try:
        return copy.stat().st_size == path.stat().st_size
    except FileNotFoundError:
        return False


def _text(target: Path, content: bytes) -> str:
    return manifest.copied(io.BytesIO(content), target)


def _drop_what_is_not_in(sums: dict[str, str], draft: Path) -> None:
    for path in list(_found(draft)):
        if path.relative_to(draft).as_posix() not in sums and path != draft / "lock":
            path.unlink()


@contextlib.contextmanager
def _only_one(draft: Path) -> Iterator[None]:
    draft.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft.chmod(0o700)
    with open(draft / "lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupFailed(f"another backup is being written to {draft}. Wait for it.") from None
        yield


@contextlib.contextmanager
def _told(draft: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        full = manifest.full_disk(error)
        if full is None:
            raise BackupFailed(f"{draft} cannot be written: {error}.") from error
        shutil.rmtree(draft, ignore_errors=True)
        raise BackupFailed(
            f"the disk of {draft.parent} is {full}; nothing was kept. "
            "Make room or give a folder on another disk, then run this again."
        ) from error


def _settle(folder: Path) -> None:
    # A renamed folder is on the disk only when the one above it is.
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
