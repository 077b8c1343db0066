"""A used copy of the test database becomes what it was, and says when only a new copy will do."""

import os
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from tests import renewal
from tests.database import Databases

Connection = psycopg.Connection[tuple[object, ...]]


@pytest.fixture
def copy(django_db_setup: None) -> Iterator[tuple[Databases, str]]:
    databases, name = Databases(), f"renewal_{os.getpid()}"
    databases.create(name)
    yield databases, name
    databases.drop(name)


def content(connection: Connection) -> dict[object, object]:
    """Every row of every table, and where the sequences stand."""
    tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
    rows = {}
    for (table,) in tables:
        statement = sql.SQL("SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {} t")
        rows[table] = connection.execute(statement.format(sql.Identifier(str(table)))).fetchone()
    standing = connection.execute("SELECT sequencename, last_value FROM pg_sequences ORDER BY 1").fetchall()
    return {**rows, "sequences": standing}


def test_a_used_copy_is_what_it_was(copy: tuple[Databases, str]) -> None:
    databases, name = copy
    with databases.cluster.connect(name) as ours, databases.cluster.connect(name) as another:
        fresh, ground = content(ours), renewal.survey(ours)
        another.execute("INSERT INTO base_counter (series, value) VALUES ('turn', 1)")
        another.execute("UPDATE procrastinate_jobs SET status = 'succeeded'")
        another.execute("DELETE FROM base_outbox")
        another.execute("SELECT nextval('django_migrations_id_seq'), nextval('audit_auditrecord_id_seq')")
        assert content(ours) != fresh
        for _ in range(2):
            assert renewal.cleared(ours, ground)
            assert content(ours) == fresh
        with pytest.raises(psycopg.OperationalError):
            another.execute("SELECT 1")
        ours.execute("ALTER TABLE base_counter ADD COLUMN stray integer")
        assert not renewal.cleared(ours, ground)
