"""An outside PostgreSQL, given by address: one role migrates, another runs, and nothing embedded is started."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from django.db import connections

from yiwang.site import database, paths
from yiwang.site.backup import dump
from yiwang.site.postgres import Cluster
from yiwang.site.postgres.roles import APP, OWNER


@pytest.fixture
def home() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="yiwang-outside-"))
    yield made
    shutil.rmtree(made)


@pytest.fixture
def server(home: Path) -> Iterator[Cluster]:
    """Somebody else's server, with two roles that its operator made."""
    cluster = Cluster(home / "elsewhere", durable=False)
    with cluster.running():
        with cluster.connect() as connection:
            connection.execute("CREATE ROLE owner_of_it LOGIN PASSWORD 'p:/?#1'")
            connection.execute("CREATE ROLE runs_it LOGIN PASSWORD 'two'")
            connection.execute("CREATE DATABASE place OWNER owner_of_it")
        yield cluster


def address(server: Cluster, role: str, password: str) -> str:
    return f"postgresql://{role}:{quote(password, safe='')}@/place?host={quote(str(server.socket), safe='')}"


@pytest.fixture
def kept(home: Path, django_db_setup: None, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The structure of this release, as a backup holds it."""
    monkeypatch.setenv("YIWANG_DATABASE_NAME", connections["default"].settings_dict["NAME"])
    with dump.snapshot() as moment:
        dump.write(home / "kept", moment.id)
    return home / "kept"


def test_structure_belongs_to_one_role_and_another_runs(
    server: Cluster, home: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("YIWANG_CLUSTER")
    monkeypatch.setenv("YIWANG_DATABASE_URL", address(server, "owner_of_it", "p:/?#1"))
    dump.load(kept)
    migrate(server, home)


@pytest.mark.slow
def test_an_empty_database_gets_its_structure_from_one_role_and_another_runs(server: Cluster, home: Path) -> None:
    migrate(server, home)


def migrate(server: Cluster, home: Path) -> None:
    """Migrate as one role: the other may then enter rows and change no table, and nothing embedded was started."""
    dropped = ("YIWANG_CLUSTER", "DJANGO_SETTINGS_MODULE")
    environment = {name: value for name, value in os.environ.items() if name not in dropped} | {
        "YIWANG_HOME": str(home / "var"),
        "YIWANG_DATABASE_URL": address(server, "runs_it", "two"),
        "YIWANG_DATABASE_OWNER_URL": address(server, "owner_of_it", "p:/?#1"),
        "PYTHONPATH": str(paths.ROOT / "src"),
    }
    done = subprocess.run(
        [sys.executable, "-m", "yiwang", "migrate"], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert not (home / "var" / "pg").exists()
    with psycopg.connect(address(server, "runs_it", "two")) as connection:
        connection.execute("INSERT INTO base_counter (series, value) VALUES ('tests', 1)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("DROP TABLE base_counter")


def test_owner_falls_back_to_the_app_role(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("YIWANG_CLUSTER")
    monkeypatch.setenv("YIWANG_DATABASE_URL", "postgresql://one:a%40b@db.example:6432/place?sslmode=require")
    found = database.settings(OWNER)
    assert (found["USER"], found["PASSWORD"], found["HOST"], found["PORT"]) == ("one", "a@b", "db.example", "6432")
    plans = "-c plan_cache_mode=force_generic_plan"
    assert found["OPTIONS"] == {"pool": False, "prepare_threshold": None, "options": plans, "sslmode": "require"}
    assert database.settings(APP) == found
    assert database.app_role() is None
