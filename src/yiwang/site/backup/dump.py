"""The database as one file: pg_dump and pg_restore of the programs that run here, on the embedded server or an outside one."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from yiwang.kernel.retention.contracts import ERASING
from yiwang.site import database
from yiwang.site.backup import manifest
from yiwang.site.failures import Failed
from yiwang.site.postgres import server
from yiwang.site.postgres.roles import OWNER

_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
_HEAD = "SELECT tree_size, note FROM ledger_checkpoint ORDER BY tree_size DESC LIMIT 1"
_RELEASE = "SELECT hash FROM packs_packrelease ORDER BY id DESC LIMIT 1"
_MIGRATIONS = "SELECT app || '.' || name FROM django_migrations ORDER BY app, name"


class DumpFailed(Failed):
    """The database could not be written out or read in; the message says what the program said."""


class Snapshot:
    """One moment of the database: what is counted, quoted and dumped is all of it."""

    def __init__(self, connection: "psycopg.Connection[Any]") -> None:
        self._connection = connection
        self.id = str(self._one("SELECT pg_export_snapshot()"))

    def postgresql(self) -> str:
        """Version of the server."""
        return str(self._one("SHOW server_version"))

    def migrations(self) -> list[str]:
        """Every migration that was applied, as `app.name`."""
        return [str(row[0]) for row in self._connection.execute(_MIGRATIONS)]

    def release(self) -> str:
        """Hash of the packs in force."""
        return str(self._one(_RELEASE) or "")

    def head(self) -> tuple[int, str]:
        """Size and signed text of the newest checkpoint; 0 and nothing when there is none."""
        row = self._connection.execute(_HEAD).fetchone()
        return (int(row[0]), str(row[1])) if row else (0, "")

    def tables(self) -> dict[str, int]:
        """How many rows each table has."""
        names = [str(row[0]) for row in self._connection.execute(_TABLES)]
        count = "SELECT count(*) FROM {}"
        return {name: int(self._one(sql.SQL(count).format(sql.Identifier(name)))) for name in names}

    def _one(self, statement: Any) -> Any:
        row = self._connection.execute(statement).fetchone()
        return row[0] if row else None


@contextlib.contextmanager
def snapshot() -> Iterator[Snapshot]:
    """Hold one moment of the database still, as its owner, for as long as the block runs."""
    with psycopg.connect(_address(), password=_password()) as connection:
        # Erasing waits for this lock, so that no file of the dump goes before it is copied.
        connection.execute("SELECT pg_advisory_lock_shared(%s)", [ERASING])
        connection.commit()
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        yield Snapshot(connection)


def write(target: Path, moment: str) -> str:
    """Dump the moment into `target`; returns its SHA-256. Raises DumpFailed."""
    command = ["--format=custom", "--compress=1", "--no-owner", "--no-privileges", f"--snapshot={moment}"]
    with _program("pg_dump", *command, f"--dbname={_address()}") as process:
        try:
            assert process.stdout is not None
            digest = manifest.copied(process.stdout, target)
        except BaseException:
            process.kill()
            raise
        said = process.stderr.read().decode() if process.stderr else ""
    if process.returncode:
        raise DumpFailed(f"pg_dump failed: {_last(said)}")
    return digest


def load(source: Path) -> None:
    """Read a dump into an empty database, as its owner: all of it or nothing. Raises DumpFailed."""
    options = ["--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges", f"--dbname={_address()}"]
    with _program("pg_restore", *options, str(source)) as process:
        _, said = process.communicate()
    if process.returncode:
        raise DumpFailed(f"pg_restore failed: {_last(said.decode())}")


def is_empty() -> bool:
    """Whether the database holds no table yet."""
    with psycopg.connect(_address(), password=_password()) as connection:
        return connection.execute(_TABLES).fetchone() is None


def _program(name: str, *arguments: str) -> "subprocess.Popen[bytes]":
    # The password goes by the environment: arguments can be read by everybody on the machine.
    return subprocess.Popen(
        [server.programs().folder / name, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"PGPASSWORD": _password()},
    )


def _address() -> str:
    where = database.settings(OWNER)
    options = {name: value for name, value in dict(where["OPTIONS"]).items() if name not in database.DRIVER_OPTIONS}  # type: ignore[call-overload]
    parts = {"host": where["HOST"], "port": where.get("PORT"), "user": where["USER"], "dbname": where["NAME"]}
    return make_conninfo("", **{name: value for name, value in (parts | options).items() if value})


def _password() -> str:
    return str(database.settings(OWNER)["PASSWORD"])


def _last(said: str) -> str:
    return (said.strip().splitlines() or ["no message"])[-1]
