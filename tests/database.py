"""The databases of a test run: a template per structure and packs, and copies of it."""

import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from django.db import connections
from psycopg import sql

from tests import renewal
from yiwang.site import database, paths
from yiwang.site.postgres import roles

KEPT_TEMPLATES = 3


class Databases:
    """Creates, renews and drops databases on the forgetful cluster."""

    def __init__(self) -> None:
        self.cluster = database.cluster()
        self._known = ""
        self._grounds: dict[str, renewal.Ground] = {}

    def create(self, name: str) -> None:
        """Copy the template, making it first if the structure or the packs have changed."""
        self._statement(
            "CREATE DATABASE {} OWNER {} TEMPLATE {} STRATEGY FILE_COPY", name, roles.OWNER, self._template()
        )
        with self.cluster.connect(name) as connection:
            self._grounds[name] = renewal.survey(connection)

    def drop(self, name: str) -> None:
        """Drop a copy, whoever is connected."""
        self._statement("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def renew(self, name: str) -> None:
        """Put a copy back to the template's content."""
        connections.close_all()
        with self.cluster.connect(name) as connection:
            if renewal.cleared(connection, self._grounds[name]):
                return
        self.drop(name)
        self.create(name)

    def _template(self) -> str:
        # The sources are read once a process: a run keeps to the structure it began with.
        if not self._known:
            self._known = self._ready_template()
        return self._known

    def _ready_template(self) -> str:
        name = f"template_{_fingerprint()}"
        with open(self.cluster.folder / "template", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            known = self._templates()
            if name not in known:
                self._make(name)
                for old in known[: 1 - KEPT_TEMPLATES]:
                    self.drop(old)
        return name

    def _make(self, name: str) -> None:
        draft = f"draft_{name}"
        self.drop(draft)
        roles.ensure(self.cluster, draft)
        environment = os.environ | {
            "YIWANG_CLUSTER": "test",
            "YIWANG_DATABASE_NAME": draft,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
        }
        environment["PYTHONPATH"] = f"{paths.ROOT / 'src'}:{paths.ROOT}"
        made = subprocess.run(
            [sys.executable, "-m", "yiwang", "settle", "--no-static", "--no-demo"],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            raise RuntimeError(f"the test database could not be made:\n{made.stderr}")
        self._statement("ALTER DATABASE {} RENAME TO {}", draft, name)

    def _templates(self) -> list[str]:
        with self.cluster.connect() as connection:
            rows = connection.execute(
                "SELECT datname FROM pg_database WHERE datname LIKE 'template\\_%' ORDER BY oid"
            ).fetchall()
        return [str(row[0]) for row in rows if str(row[0]).startswith("template_")]

    def _statement(self, text: str, *names: str) -> None:
        with self.cluster.connect() as connection:
            connection.execute(sql.SQL(text).format(*map(sql.Identifier, names)))


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for path in _sources():
        digest.update(str(path.relative_to(paths.ROOT)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _sources() -> Iterable[Path]:
    yield paths.ROOT / "requirements.lock"
    yield paths.ROOT / "tests/database.py"
    yield paths.ROOT / "src/yiwang/site/grants.py"
    yield from sorted((paths.ROOT / "src/yiwang/kernel/packs").glob("*.py"))
    yield from sorted((paths.ROOT / "src").glob("yiwang/**/migrations/*.py"))
    yield from sorted(path for path in (paths.ROOT / "packs").glob("**/*") if path.is_file())
