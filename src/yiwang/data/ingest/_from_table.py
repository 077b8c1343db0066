"""A table of somebody's PostgreSQL, read by COPY in one snapshot; nothing is written there."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from yiwang.data.ingest._connections import Connection
from yiwang.data.ingest.contracts import CannotFetch
from yiwang.data.ingest.kinds import FetchPart

CONNECT_SECONDS = 10
_BUSY = frozenset({"55P03", "55006", "57014"})
# A source's own work goes before ours: what takes longer is not taken from a table in use.
QUIETLY = "-c statement_timeout=30min -c lock_timeout=10s -c idle_in_transaction_session_timeout=60s -c datestyle=ISO -c timezone=Asia/Shanghai"


def ask(fetch: FetchPart, names: list[str], connection: Connection, since: str, into: Path) -> tuple[int, str]:
    """Rows written as CSV with a header, and the greatest watermark among them. Raises CannotFetch."""
    with said(), psycopg.connect(connection.address, connect_timeout=CONNECT_SECONDS, options=QUIETLY) as source:
        source.read_only, source.isolation_level = True, psycopg.IsolationLevel.REPEATABLE_READ
        return _copied(source, fetch, names, since, into)


@contextmanager
def said() -> Iterator[None]:
    """What goes wrong at the source in our words, without its own: they quote values. Raises CannotFetch."""
    try:
        yield
    except psycopg.OperationalError as wrong:
        if wrong.sqlstate in _BUSY:
            raise CannotFetch(
                "数据源的数据库正忙，这次没有读成。", hint="有很久没有结束的事务，或另有人在读；稍后会再试。"
            ) from None
        raise CannotFetch(
            "连不上数据源的数据库，或它太久没有答复。", hint="请核对连接的地址、账号和网络，稍后会再试。"
        ) from None
    except psycopg.Error as wrong:
        raise CannotFetch(
            f"数据源的数据库不让读这张表（{wrong.sqlstate or ''}）。",
            hint="请核对表名、列名，以及连接的账号有没有读的权限（跟随变化还要 REPLICATION 权限）。",
        ) from None


def _copied(
    source: "psycopg.Connection[tuple[object, ...]]", fetch: FetchPart, names: list[str], since: str, into: Path
) -> tuple[int, str]:
    table = sql.Identifier(*str(fetch.table).split("."))
    columns = sql.SQL(", ").join(map(sql.Identifier, names)) if names else sql.SQL("*")
    wanted: sql.Composable = sql.SQL("")
    order: sql.Composable = sql.SQL("")
    until = ""
    if fetch.watermark:
        mark = sql.Identifier(fetch.watermark)
        wanted = sql.SQL(" WHERE {} >= {}").format(mark, sql.Literal(since)) if since else wanted
        order = sql.SQL(" ORDER BY {}").format(mark)
        found = source.execute(sql.SQL("SELECT max({})::text FROM {}").format(mark, table) + wanted).fetchone()
        until = str(found[0]) if found and found[0] is not None else ""
    query = sql.SQL("SELECT {} FROM {}").format(columns, table) + wanted + order
    with source.cursor() as cursor, open(into, "wb") as stream:
        with cursor.copy(sql.SQL("COPY ({}) TO STDOUT (FORMAT csv, HEADER)").format(query)) as copy:
            for piece in copy:
                stream.write(piece)
        return cursor.rowcount, until
