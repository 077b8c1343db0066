"""Putting a used copy of the template back to the template's content: rows go, files stay.

Dropping the copy and copying anew frees and makes 1,500 files, and ext4 looks through every inode that was freed in the last minutes
before it gives one out: seconds of processor for each test that commits.
"""

from dataclasses import dataclass

import psycopg
from psycopg import sql

Connection = psycopg.Connection[tuple[object, ...]]
Name = tuple[str, str]

# Rows that are deleted leave their pages behind: past this size a new copy is cheaper.
BYTES_MAX = 128 * 1024 * 1024
_LEAVE_MS = 30_000
_CATALOGS = (
    "pg_class", "pg_attribute", "pg_attrdef", "pg_constraint", "pg_index", "pg_trigger", "pg_rewrite", "pg_policy", "pg_proc",
    "pg_type", "pg_namespace", "pg_extension", "pg_default_acl", "pg_statistic", "pg_statistic_ext", "pg_largeobject_metadata",
)  # fmt: skip
_OURS = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
_WITH_PAGES = f"""
    SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND {_OURS} AND pg_relation_size(c.oid) > 0 ORDER BY 1, 2
"""


@dataclass(slots=True)
class _Filled:
    """A table with rows from the start: their versions, and the rows themselves to bring back."""

    versions: object
    rows: bytes


@dataclass(frozen=True, slots=True)
class Ground:
    """What a fresh copy holds: its structure, the rows that are there from the start, where its sequences stand."""

    structure: object
    filled: dict[Name, _Filled]
    sequences: dict[Name, object]


def survey(connection: Connection) -> Ground:
    """The ground of a copy that nobody has used yet."""
    filled = {table: _Filled(_versions(connection, table), _read(connection, table)) for table in _tables(connection)}
    return Ground(_structure(connection), filled, _sequences(connection))


def cleared(connection: Connection, ground: Ground) -> bool:
    """Bring rows and numbers back to what they were; False where that is not enough or no longer worth it."""
    connection.execute(
        "SELECT pg_terminate_backend(pid, %s) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
        [_LEAVE_MS],
    )
    ((size,),) = connection.execute("SELECT pg_database_size(current_database())").fetchall()
    if int(str(size)) > BYTES_MAX or _structure(connection) != ground.structure:
        return False
    # No trigger refuses, no foreign key asks.
    connection.execute("SET session_replication_role = replica")
    for table in {*_tables(connection), *ground.filled}:
        _bring_back(connection, table, ground.filled.get(table))
    for name, stood in _sequences(connection).items():
        if stood != ground.sequences[name]:
            _set_back(connection, name, ground.sequences[name])
    return True


def _bring_back(connection: Connection, table: Name, filled: _Filled | None) -> None:
    if filled and _versions(connection, table) == filled.versions:
        return
    connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(*table)))
    if filled:
        with connection.cursor().copy(_copying(table, "FROM STDIN")) as stream:
            stream.write(filled.rows)
        filled.versions = _versions(connection, table)


def _tables(connection: Connection) -> list[Name]:
    return [(str(schema), str(name)) for schema, name in connection.execute(_WITH_PAGES).fetchall()]


def _structure(connection: Connection) -> object:
    """The newest change of each catalog: nothing that a statement defines escapes it."""
    parts = [f"(SELECT (count(*), max(xmin::text::bigint))::text FROM {name})" for name in _CATALOGS]
    return connection.execute(f"SELECT {', '.join(parts)}".encode()).fetchone()


def _versions(connection: Connection, table: Name) -> object:
    """Which version of which row a table holds: the same again only if nobody has written."""
    statement = "SELECT count(*), sum(hashtextextended(ctid::text, xmin::text::bigint)::numeric) FROM {}"
    return connection.execute(sql.SQL(statement).format(sql.Identifier(*table))).fetchone()


def _read(connection: Connection, table: Name) -> bytes:
    with connection.cursor().copy(_copying(table, "TO STDOUT")) as stream:
        return b"".join(stream)


def _copying(table: Name, way: str) -> sql.Composed:
    return sql.SQL("COPY {} {} (FORMAT binary)").format(sql.Identifier(*table), sql.SQL(way))


def _sequences(connection: Connection) -> dict[Name, object]:
    statement = "SELECT schemaname, sequencename, last_value FROM pg_sequences"
    return {(str(schema), str(name)): stands for schema, name, stands in connection.execute(statement).fetchall()}


def _set_back(connection: Connection, name: Name, stood: object) -> None:
    sequence = sql.Identifier(*name).as_string(connection)
    connection.execute(
        "SELECT setval(s.seqrelid::regclass, coalesce(%s, s.seqstart), %s) FROM pg_sequence s WHERE s.seqrelid = %s::regclass",
        [stood, stood is not None, sequence],
    )
