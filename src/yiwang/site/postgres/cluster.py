"""One PostgreSQL cluster in a folder: initialise it, start it, keep it while anybody uses it, stop it."""

import contextlib
import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

from yiwang.site import secrets
from yiwang.site.postgres import account, binaries
from yiwang.site.postgres.account import Account
from yiwang.site.postgres.binaries import Binaries

SUPERUSER = "postgres"
_SOCKET_PATH_MAX = 107
_START_SECONDS = 120
_STOP_SECONDS = 60

_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
    "log_line_prefix": "%m [%p] ",
}
# For tests only: the data may vanish with the power, the rules are the same.
_FORGETFUL = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "shared_buffers": "128MB",
    "max_wal_size": "2GB",
    "autovacuum": "off",
}


class PostgresFailed(Exception):
    """The server could not be initialised, started or stopped; the message says what to do."""


class Cluster:
    """A cluster below `folder`, started by whoever needs it first and stopped by whoever leaves last."""

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.log = folder / "server.log"
        self.socket = _socket_folder(folder)
        self._settings = _SETTINGS if durable else _SETTINGS | _FORGETFUL

    def url(self, database: str, *, user: str = SUPERUSER) -> str:
        """A connection string without password."""
        return f"host={self.socket} user={user} dbname={database}"

    def connect(self, database: str = "postgres") -> "psycopg.Connection[tuple[object, ...]]":
        """A superuser connection, for the operator's commands only."""
        return psycopg.connect(self.url(database), password=secrets.read("database-superuser"), autocommit=True)

    def pid(self) -> int | None:
        """The running server's process, or None."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return None
        return pid if _is_server(pid) else None

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Keep the server up for the length of the block; the last user to leave stops it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with open(self.folder / "users", "w") as users:
            fcntl.flock(users, fcntl.LOCK_SH)
            try:
                self.ensure()
                yield
            finally:
                with contextlib.suppress(BlockingIOError):
                    fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    self.stop()

    def ensure(self) -> None:
        """Initialise if new, start if not running; safe to call from several processes at once."""
        with open(self.folder / "starting", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if self.pid() is None or not self._answers():
                self._start(_programs())

    def stop(self) -> None:
        """Stop at once but cleanly: open sessions are ended, what was committed is on disk."""
        pid = self.pid()
        if pid is None:
            return
        os.kill(pid, signal.SIGINT)
        deadline = time.monotonic() + _STOP_SECONDS
        while self.pid() is not None:
            if time.monotonic() > deadline:
                raise PostgresFailed(f"PostgreSQL (process {pid}) did not stop. See {self.log}.")
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
            time.sleep(0.05)

    def _start(self, programs: Binaries) -> None:
        runner = account.server_account()
        account.let_read(runner, programs.folder.parent)
        if not (self.data / "PG_VERSION").exists():
            self._initialise(programs, runner)
        self._check_version(programs)
        _own_folder(self.socket, runner)
        account.let_in(runner, self.data)
        account.let_in(runner, self.socket)
        deadline = time.monotonic() + _START_SECONDS
        while not self._try_start(programs, runner, deadline):
            # After a kill -9 the dead server's children hold its shared memory for a moment.
            if time.monotonic() > deadline:
                raise PostgresFailed(f"PostgreSQL did not start. See the end of {self.log}.")
            time.sleep(0.5)

    def _try_start(self, programs: Binaries, runner: Account | None, deadline: float) -> bool:
        if self.pid() is None:
            # A pid file whose number now belongs to another program would keep the server from starting.
            (self.data / "postmaster.pid").unlink(missing_ok=True)
        options = [f"-c{name}={value}" for name, value in self._settings.items()]
        command: list[str | Path] = [
            programs.folder / "postgres",
            "-D",
            self.data,
            f"-cunix_socket_directories={self.socket}",
            *options,
        ]
        with open(self.log, "ab") as log:
            server = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **_as(runner),
            )
        while time.monotonic() < deadline:
            if server.poll() is not None:
                return False
            if self._answers():
                return True
            time.sleep(0.05)
        return False

    def _answers(self) -> bool:
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def _initialise(self, programs: Binaries, runner: Account | None) -> None:
        if self.data.exists():
            shutil.rmtree(self.data)
        draft = self.folder / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        account.let_in(runner, draft)
        if runner:
            os.chown(draft, runner.uid, runner.gid)
        with tempfile.NamedTemporaryFile("w", dir=self.folder) as password:
            password.write(secrets.read("database-superuser"))
            password.flush()
            if runner:
                os.chown(password.name, runner.uid, runner.gid)
            command: list[str | Path] = [
                programs.folder / "initdb",
                "-D",
                draft,
                *_initdb_options(programs),
                f"--pwfile={password.name}",
            ]
            said = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, **_as(runner))
        if said.returncode:
            raise PostgresFailed(f"initdb failed: {said.stderr.strip() or said.stdout.strip()}")
        # Renamed when whole, so that an interrupted initialisation is begun again and never half used.
        draft.rename(self.data)

    def _check_version(self, programs: Binaries) -> None:
        made_by = (self.data / "PG_VERSION").read_text().strip()
        if made_by != str(programs.major):
            raise PostgresFailed(
                f"{self.data} was made by PostgreSQL {made_by}, but {programs.folder} is {programs.version}. "
                f"Set YIWANG_POSTGRES_BIN to programs of PostgreSQL {made_by}, or dump and restore."
            )


def _programs() -> Binaries:
    found = binaries.find()
    if found is None:
        raise PostgresFailed(
            f"No PostgreSQL >= {binaries.OLDEST} runs on this machine. Install one (Debian: apt-get install postgresql), "
            "set YIWANG_POSTGRES_BIN to its bin folder, or set YIWANG_DATABASE_URL to a server elsewhere."
        )
    return found


def _initdb_options(programs: Binaries) -> list[str]:
    locale = ["--locale-provider=builtin", "--locale=C.UTF-8"] if programs.major >= 17 else ["--locale=C.UTF-8"]
    return [
        *locale,
        "--encoding=UTF8",
        f"--username={SUPERUSER}",
        "--auth=scram-sha-256",
        "--data-checksums",
        "--no-instructions",
    ]


def _as(runner: Account | None) -> dict[str, Any]:
    return {"user": runner.uid, "group": runner.gid, "extra_groups": []} if runner else {}


def _own_folder(folder: Path, runner: Account | None) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    found = folder.lstat()
    mine = {os.geteuid(), runner.uid if runner else os.geteuid()}
    if folder.is_symlink() or found.st_uid not in mine:
        raise PostgresFailed(f"{folder} belongs to somebody else. Remove it or set YIWANG_HOME to a shorter path.")
    if runner:
        os.chown(folder, runner.uid, runner.gid)
    folder.chmod(0o700)


def _socket_folder(folder: Path) -> Path:
    inside = folder / "socket"
    if len(os.fsencode(inside / ".s.PGSQL.5432.lock")) <= _SOCKET_PATH_MAX:
        return inside
    # The kernel allows 107 bytes for the address of a socket.
    short = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
    return runtime / f"yiwang-{os.geteuid()}-{short}"


def _is_server(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return b"postgres" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except ProcessLookupError:
        return False
    except FileNotFoundError:
        # No /proc (macOS), or the process has just ended.
        return not Path("/proc/self").exists()
    except PermissionError:
        return True
