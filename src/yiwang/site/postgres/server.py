"""The programs of one cluster: initdb, the server process, and whether it is alive."""

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from yiwang.site import secrets
from yiwang.site.failures import Failed
from yiwang.site.postgres import account, binaries
from yiwang.site.postgres.account import Account
from yiwang.site.postgres.binaries import Binaries

SUPERUSER = "postgres"


class PostgresFailed(Failed):
    """The server could not be initialised, started or stopped; the message says what to do."""


def programs() -> Binaries:
    """The programs to run. Raises PostgresFailed when there are none."""
    found = binaries.find()
    if found is None:
        raise PostgresFailed(
            f"No PostgreSQL >= {binaries.OLDEST} runs on this machine. Install one (Debian: apt-get install postgresql), "
            "set YIWANG_POSTGRES_BIN to its bin folder, or set YIWANG_DATABASE_URL to a server elsewhere."
        )
    return found


def initialise(data: Path, tools: Binaries, runner: Account | None) -> None:
    """Make an empty cluster at `data`; it appears there only when it is whole."""
    draft = data.with_name(f"{data.name}.new")
    for remains in (data, draft):
        shutil.rmtree(remains, ignore_errors=True)
    draft.mkdir(mode=0o700)
    account.let_in(runner, draft)
    account.give(runner, draft)
    with tempfile.NamedTemporaryFile("w", dir=data.parent) as password:
        password.write(secrets.read("database-superuser"))
        password.flush()
        account.give(runner, Path(password.name))
        command: list[str | Path] = [
            tools.folder / "initdb",
            "-D",
            draft,
            *_options(tools),
            f"--pwfile={password.name}",
        ]
        said = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, **_as(runner))
    if said.returncode:
        raise PostgresFailed(f"initdb failed: {said.stderr.strip() or said.stdout.strip()}")
    draft.rename(data)


def check_version(data: Path, tools: Binaries) -> None:
    """Raises PostgresFailed when the data was made by another major version."""
    made_by = (data / "PG_VERSION").read_text().strip()
    if made_by != str(tools.major):
        raise PostgresFailed(
            f"{data} was made by PostgreSQL {made_by}, but {tools.folder} is {tools.version}. "
            f"Set YIWANG_POSTGRES_BIN to programs of PostgreSQL {made_by}, or dump and restore."
        )


def launch(
    data: Path, tools: Binaries, runner: Account | None, *, log: Path, settings: dict[str, str]
) -> "subprocess.Popen[bytes]":
    """Start the server process; it is not ready yet."""
    command: list[str | Path] = [tools.folder / "postgres", "-D", data]
    command += [f"-c{name}={value}" for name, value in settings.items()]
    with open(log, "ab") as stream:
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=stream, stderr=stream, start_new_session=True, **_as(runner)
        )


def pid_of(data: Path) -> int | None:
    """The live server process of `data`, or None; a file left by a dead one does not count."""
    try:
        pid = int((data / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None
    return pid if _is_server(pid, data) else None


def ask_to_stop(pid: int) -> None:
    """Fast shutdown: open sessions end, what was committed is on disk."""
    os.kill(pid, signal.SIGINT)


def _options(tools: Binaries) -> list[str]:
    # The builtin locale sorts by code point on every machine; older versions take the C library's.
    locale = ["--locale-provider=builtin", "--locale=C.UTF-8"] if tools.major >= 17 else ["--locale=C.UTF-8"]
    quiet = ["--no-instructions"]
    return [*locale, "--encoding=UTF8", f"--username={SUPERUSER}", "--auth=scram-sha-256", "--data-checksums", *quiet]


def _as(runner: Account | None) -> dict[str, Any]:
    return {"user": runner.uid, "group": runner.gid, "extra_groups": []} if runner else {}


def _is_server(pid: int, data: Path) -> bool:
    # The number may belong to another program by now; a server works in its data folder.
    try:
        os.kill(pid, 0)
        program = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0]
        return program.endswith(b"postgres") and Path(f"/proc/{pid}/cwd").samefile(data)
    except ProcessLookupError:
        return False
    except FileNotFoundError:
        # Without /proc (macOS) being alive must do; with it, the process has just ended.
        return not Path("/proc/self").exists()
    except PermissionError:
        return True
