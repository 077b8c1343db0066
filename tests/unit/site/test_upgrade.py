"""A database of the previous release, with rows in its tables, comes to today's structure and keeps every row."""

import os
import subprocess
import sys
from collections.abc import Iterator

import psycopg
import pytest

from tests.database import Databases
from tests.upgrade import PREVIOUS
from yiwang.site import paths
from yiwang.site.postgres import roles

# Tables that a row must have been put into, else the trial proves nothing.
MUST_HOLD = {
    "audit_auditrecord",
    "base_counter",
    "cases_case",
    "cases_caseevent",
    "cases_clock",
    "cases_task",
    "files_storedfile",
    "forms_draft",
    "ledger_leaf",
    "ledger_leafcontent",
    "notify_message",
    "orgs_organisation",
    "orgs_region",
    "people_account",
    "people_party",
    "registries_person",
}


@pytest.fixture
def old(request: pytest.FixtureRequest) -> Iterator[str]:
    """The name of an empty database with its two roles."""
    databases, name = Databases(), f"upgrade_{os.getpid()}"
    with databases.cluster.running():
        databases.drop(name)
        roles.ensure(databases.cluster, name)
        yield name
        databases.drop(name)


def run(name: str, *command: str) -> str:
    environment = os.environ | {
        "YIWANG_CLUSTER": "test",
        "YIWANG_DATABASE_NAME": name,
        "YIWANG_DATABASE_ROLE": "owner",
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "YIWANG_LOG_LEVEL": "ERROR",
        "PYTHONPATH": f"{paths.ROOT / 'src'}:{paths.ROOT}",
    }
    done = subprocess.run(
        [sys.executable, "-m", *command], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_a_database_of_the_previous_release_is_brought_up_to_date(old: str) -> None:
    filled = set(run(old, "tests.upgrade").split())
    assert not MUST_HOLD - filled, "no row could be made in these"
    before = counts(old, filled)
    assert all(before.values())

    run(old, "yiwang", "migrate")
    after = counts(old, filled)
    # What a later release drops on purpose.
    kept = {table: count for table, count in before.items() if table not in {"licences_lookup"}}
    assert {table: after.get(table) for table in kept} == kept
    said = run(old, "yiwang", "manage", "migrate", "--check")
    assert "unapplied" not in said
    with Databases().cluster.connect(old) as connection:
        may = connection.execute("SELECT has_table_privilege('yiwang_app', 'cases_caseevent', 'UPDATE')").fetchone()
    assert may == (False,)


@pytest.mark.slow
def test_a_table_in_use_is_not_waited_for_forever(old: str) -> None:
    run(old, "tests.upgrade")
    with Databases().cluster.connect(old) as busy, busy.transaction():
        busy.execute("LOCK TABLE packs_packreleaseitem IN ACCESS SHARE MODE")
        with pytest.raises(AssertionError, match="a table was in use for more than 5 s"):
            run(old, "yiwang", "migrate")
    run(old, "yiwang", "migrate")


def counts(name: str, tables: set[str]) -> dict[str, int]:
    with Databases().cluster.connect(name) as connection:
        found: dict[str, int] = {}
        for table in tables:
            try:
                row = connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()
            except psycopg.errors.UndefinedTable:
                continue
            found[table] = int(str(row[0])) if row else 0
        return found


def test_the_previous_release_is_one_that_existed() -> None:
    from django.db.migrations.loader import MigrationLoader

    known = MigrationLoader(None).disk_migrations
    assert not [pair for pair in PREVIOUS.items() if pair not in known]
