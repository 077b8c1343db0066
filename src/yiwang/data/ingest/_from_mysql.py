"""A table of somebody's MySQL or MariaDB, read in one snapshot; nothing is written there."""

import csv
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pymysql
from pymysql import converters
from pymysql.cursors import SSCursor

from yiwang.data.ingest._connections import Connection
from yiwang.data.ingest.contracts import CannotFetch
from yiwang.data.ingest.kinds import FetchPart

CONNECT_SECONDS, ANSWER_SECONDS = 10, 1800
# MySQL knows the first, MariaDB the second. A source's own work goes before ours.
_QUIETLY = (
    f"SET SESSION max_execution_time = {ANSWER_SECONDS * 1000}",
    f"SET SESSION max_statement_time = {ANSWER_SECONDS}",
)
_UNKNOWN_VARIABLE = 1193


def ask(fetch: FetchPart, names: list[str], connection: Connection, since: str, into: Path) -> tuple[int, str]:
    """Rows written as CSV with a header, and the greatest watermark among them. Raises CannotFetch."""
    try:
        with _connect(connection.address) as source, source.cursor() as cursor:
            _settle(cursor)
            until, where = _until(cursor, fetch, since)
            listed = ", ".join(map(_quoted, names)) or "*"
            cursor.execute(f"SELECT {listed} FROM {_table(fetch)}{where}", [since] * where.count("%s"))
            return _written(cursor, into), until
    except (pymysql.err.InterfaceError, pymysql.err.InternalError, OSError):
        raise CannotFetch("数据源的数据库中断了连接。", hint="稍后会再试。") from None
    except pymysql.err.OperationalError as wrong:
        if wrong.args and wrong.args[0] in range(2000, 3000):
            raise CannotFetch(
                "连不上数据源的数据库，或它太久没有答复。", hint="请核对连接的地址、账号和网络，稍后会再试。"
            ) from None
        raise _refused(wrong) from None
    except pymysql.err.MySQLError as wrong:
        raise _refused(wrong) from None


def _refused(wrong: pymysql.err.MySQLError) -> CannotFetch:
    """What the server says may quote values: only its number is told."""
    return CannotFetch(
        f"数据源的数据库不让读这张表（{wrong.args[0] if wrong.args else ''}）。",
        hint="请核对表名、列名，以及连接的账号、密码和读的权限。",
    )


def _connect(address: str) -> "pymysql.Connection[SSCursor]":
    """`mysql://user:password@host:port/database`; `?ca=FILE` asks for a certificate of that authority, `?socket=PATH` for a local server."""
    there, more = urlsplit(address), {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    if there.scheme not in ("mysql", "mariadb") or not (there.hostname or more.get("socket")):
        raise CannotFetch("连接的地址不是MySQL的地址。", hint="请写成 mysql://账号:密码@主机:3306/库名。")
    trusted: dict[str, Any] = (
        {"ssl_ca": more["ca"], "ssl_verify_cert": True, "ssl_verify_identity": True} if "ca" in more else {}
    )
    return pymysql.connect(
        host=there.hostname, port=there.port or 3306, unix_socket=more.get("socket"), user=unquote(there.username or ""),
        password=unquote(there.password or ""), database=there.path.strip("/") or None, charset="utf8mb4",
        connect_timeout=CONNECT_SECONDS, read_timeout=ANSWER_SECONDS, cursorclass=SSCursor,
        # As the server writes values: dates that are none and decimals stay what they are.
        conv=dict(converters.encoders), **trusted,
    )  # fmt: skip


def _settle(cursor: SSCursor) -> None:
    for statement in _QUIETLY:
        try:
            cursor.execute(statement)
        except pymysql.err.MySQLError as wrong:
            if wrong.args[0] != _UNKNOWN_VARIABLE:
                raise
    cursor.execute("SET time_zone = '+08:00'")
    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    cursor.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")


def _until(cursor: SSCursor, fetch: FetchPart, since: str) -> tuple[str, str]:
    """The greatest watermark there is now, and the condition that asks for what is not below the last one."""
    if not fetch.watermark:
        return "", ""
    mark = _quoted(fetch.watermark)
    where = f" WHERE {mark} >= %s" if since else ""
    cursor.execute(f"SELECT MAX({mark}) FROM {_table(fetch)}{where}", [since] * bool(where))
    found = cursor.fetchone()
    cursor.fetchall()
    return _text(found[0]) if found else "", f"{where} ORDER BY {mark}"


def _written(cursor: SSCursor, into: Path) -> int:
    count = 0
    with open(into, "w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([column[0] for column in cursor.description or ()])
        for row in cursor.fetchall_unbuffered():
            writer.writerow([_text(cell) for cell in row])
            count += 1
    return count


def _text(cell: object) -> str:
    """As a PostgreSQL would write it: bytes that are no text in hexadecimal digits."""
    if cell is None:
        return ""
    return f"\\x{cell.hex()}" if isinstance(cell, bytes) else str(cell)


def _table(fetch: FetchPart) -> str:
    return ".".join(map(_quoted, str(fetch.table).split(".")))


def _quoted(name: str) -> str:
    return f"`{name.replace('`', '``').replace('%', '%%')}`"
