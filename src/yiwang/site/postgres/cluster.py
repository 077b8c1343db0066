"""One PostgreSQL cluster in a folder, started by whoever needs it first and stopped by whoever leaves last."""

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg

from yiwang.site import secrets
from yiwang.site.postgres import account, server
from yiwang.site.postgres.account import Account
from yiwang.site.postgres.server import SUPERUSER, PostgresFailed

_SOCKET_LOCK = ".s.PGSQL.5432.lock"
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
    # Disks without arms, and most of what is asked for in memory: a row by its key is not dearer than the next one.
    "random_page_cost": "1.1",
    # After a checkpoint each page that is touched goes to the log whole.
    "checkpoint_timeout": "15min",
    "max_wal_size": "4GB",
    # Whoever asked may have given up: what they locked is let go.
    "client_connection_check_interval": "5s",
    "log_line_prefix": "%m [%p] ",
    # Statements carry what people wrote: an error is told without them.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
# For tests only: the data may vanish with the power, the rules are the same.
_FORGETFUL = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "shared_buffers": "128MB",
    "autovacuum": "off",
}


class _WrongPassword(Exception):
    """The server is up and does not know us: data and secrets come from different installations."""


class Cluster:
    """A cluster below `folder`; `durable=False` for tests."""

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.log = folder / "server.log"
        self.socket = _socket_folder(folder)
        self._is_durable = durable
        self._settings = _SETTINGS if durable else _SETTINGS | _FORGETFUL

    def connect(self, database: str = "postgres") -> "psycopg.Connection[tuple[object, ...]]":
        """A superuser connection, for the operator's commands only."""
        return psycopg.connect(
            host=str(self.socket),
            user=SUPERUSER,
            dbname=database,
            password=secrets.read("database-superuser"),
            autocommit=True,
        )

    def pid(self) -> int | None:
        """The running server's process, or None."""
        return server.pid_of(self.data)

    def exists(self) -> bool:
        """Whether the cluster has been initialised."""
        return (self.data / "PG_VERSION").exists()

    @contextlib.contextmanager
    def running(self, *, may_be_new: bool = True) -> Iterator[None]:
        """Keep the server up for the length of the block; the last user to leave stops it. Raises as `ensure`."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with open(self.folder / "users", "w") as users:
            fcntl.flock(users, fcntl.LOCK_SH)
            try:
                self.ensure(may_be_new=may_be_new)
                yield
            finally:
                with contextlib.suppress(BlockingIOError):
                    fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    self.stop()

    def ensure(self, *, seconds: float = _START_SECONDS, may_be_new: bool = True) -> None:
        """Initialise if new, start if not running; safe to call from several processes at once.

        Raises PostgresFailed when it does not answer within so many seconds (it may still be on its way), and when
        there is no data and it may not be new: a disk that is not mounted just now. An empty database in its place
        would be worse than none.
        """
        if not may_be_new and not self.exists():
            raise PostgresFailed(f"{self.data} is gone. Bring it back, or stop and restore a backup.")
        with open(self.folder / "starting", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            try:
                if self.pid() is None or not self._answers():
                    self._start(seconds)
            except _WrongPassword:
                self.stop()
                if self._is_durable:
                    raise PostgresFailed(
                        f"{self.data} was made with another password than {secrets.file('database-superuser')}. "
                        "Restore var/secrets from the backup that belongs to this data."
                    ) from None
                shutil.rmtree(self.data)
                self._start(seconds)

    def stop(self) -> None:
        """Stop at once but cleanly. Raises PostgresFailed when it does not."""
        pid = self.pid()
        if pid is None:
            return
        server.ask_to_stop(pid)
        deadline = time.monotonic() + _STOP_SECONDS
        while self.pid() is not None:
            if time.monotonic() > deadline:
                raise PostgresFailed(f"PostgreSQL (process {pid}) did not stop. See {self.log}.")
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
            time.sleep(0.05)

    def _start(self, seconds: float) -> None:
        tools, runner = server.programs(), account.server_account()
        for tree in tools.trees:
            account.let_read(runner, tree)
        if not self.exists():
            server.initialise(self.data, tools, runner)
        server.check_version(self.data, tools)
        _own_folder(self.socket, runner)
        account.let_in(runner, self.data)
        account.let_in(runner, self.socket)
        settings = self._settings | {"unix_socket_directories": str(self.socket)}
        deadline = time.monotonic() + seconds
        while not self._is_up(
            lambda: server.launch(self.data, tools, runner, log=self.log, settings=settings), deadline
        ):
            # After a kill -9 the dead server's children hold its shared memory for a moment.
            if time.monotonic() > deadline:
                raise PostgresFailed(f"PostgreSQL did not start. See the end of {self.log}.")
            time.sleep(0.5)

    def _is_up(self, launch: Callable[[], "subprocess.Popen[bytes]"], deadline: float) -> bool:
        if self.pid() is None:
            # A file with the number of another program, or of a killed server that nobody has reaped yet, would keep
            # the server from starting: in a container that can last for minutes.
            (self.data / "postmaster.pid").unlink(missing_ok=True)
            (self.socket / _SOCKET_LOCK).unlink(missing_ok=True)
        process = launch()
        while time.monotonic() < deadline and process.poll() is None:
            if self._answers():
                return True
            time.sleep(0.05)
        return False

    def _answers(self) -> bool:
        try:
            self.connect().close()
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise _WrongPassword from error
            return False
        return True


def _own_folder(folder: Path, runner: Account | None) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    mine = {os.geteuid(), runner.uid if runner else os.geteuid()}
    if folder.is_symlink() or folder.lstat().st_uid not in mine:
        raise PostgresFailed(f"{folder} belongs to somebody else. Remove it or set YIWANG_HOME to a shorter path.")
    account.give(runner, folder)
    folder.chmod(0o700)


def _socket_folder(folder: Path) -> Path:
    inside = folder / "socket"
    if len(os.fsencode(inside / _SOCKET_LOCK)) <= _SOCKET_PATH_MAX:
        return inside
    # The kernel allows 107 bytes for the address of a socket.
    short = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
    return runtime / f"yiwang-{os.geteuid()}-{short}"
