"""What changes in a table of somebody's PostgreSQL, by logical decoding: first the whole, then insert by insert, exactly once.

A slot at the source keeps its log from where we are. It is moved on only after what it holds has been taken in; nothing else is
written there.
"""

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from yiwang.data.ingest import _from_table
from yiwang.data.ingest._connections import Connection
from yiwang.data.ingest._pgoutput import KEPT, Change, Decoder, Ended, Row
from yiwang.data.ingest.contracts import CannotFetch
from yiwang.data.ingest.kinds import CHANGE_COLUMNS, FetchPart
from yiwang.kernel.workdays.contracts import LEGAL_TIME

CHANGES_MAX = 200_000  # asked for at once; a transaction is never cut in two
_FETCHED_AT_ONCE = 2000
_ANEW = "请运行 yiwang ingest follow 数据源 --anew，从整张表重新开始。"
Source = "psycopg.Connection[Any]"


@dataclass(frozen=True, slots=True)
class Place:
    """Which slot is ours and up to where its log has been taken in; no position before the whole has been."""

    slot: str
    position: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """How many rows were written, up to where they reach, and how much of the log is left behind that."""

    rows: int
    position: str
    behind: int


def ask(fetch: FetchPart, names: Sequence[str], connection: Connection, place: Place, into: Path) -> Asked:
    """Rows written as CSV with a header: what changed, when, in which order, and the row. Raises CannotFetch."""
    with _opened(connection) as source:
        _require(source, fetch, names)
        if not place.position:
            return _whole(source, fetch, names, connection, place.slot, into)
        _found(source, place)
        return _changed(source, fetch, names, place, into)


def confirm(connection: Connection, place: Place) -> None:
    """Let the source forget its log up to there. Raises CannotFetch."""
    with _opened(connection) as source:
        _found(source, place)


def stop(connection: Connection, slot: str) -> None:
    """Remove the slot, so that the source keeps nothing for us. Raises CannotFetch."""
    with _opened(connection) as source:
        _drop(source, slot)


@contextmanager
def _opened(connection: Connection) -> Iterator[Any]:
    with _from_table.said(), _connect(connection) as source:
        yield source


def _connect(connection: Connection, **how: Any) -> Any:
    return psycopg.connect(
        connection.address, autocommit=True, connect_timeout=_from_table.CONNECT_SECONDS, options=_from_table.QUIETLY,
        client_encoding="utf8", **how,
    )  # fmt: skip


def _require(source: Any, fetch: FetchPart, names: Sequence[str]) -> None:
    """That the table can be followed at all. Raises CannotFetch with what its owner has to do."""
    if _one(source, "SELECT current_setting('wal_level')") != "logical":
        raise CannotFetch("源库没有开启逻辑解码。", hint="请源库管理员设置 wal_level = logical 并重启数据库。")
    schema, table = _named(fetch)
    kind = source.execute(
        "SELECT c.oid, c.relkind::text, c.relreplident::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = %s AND c.relname = %s",
        [schema, table],
    ).fetchone()
    if kind is None or kind[1] != "r":
        raise CannotFetch("源库里没有这张普通表。", hint="请核对表名；视图和分区表不能跟随变化。")
    _require_identity(source, kind[0], kind[2], fetch)
    published = source.execute(
        "SELECT p.pubinsert AND p.pubupdate AND p.pubdelete AND p.pubtruncate FROM pg_publication p JOIN pg_publication_tables t"
        " ON t.pubname = p.pubname WHERE p.pubname = %s AND t.schemaname = %s AND t.tablename = %s",
        [fetch.publication, schema, table],
    ).fetchone()
    if published is None or not published[0]:
        hint = f"请源库管理员运行 CREATE PUBLICATION {fetch.publication} FOR TABLE {schema}.{table}（增、改、删、清空都发布）。"
        raise CannotFetch("源库没有发布这张表的全部变化。", hint=hint)
    rows = source.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s AND attnum > 0 AND NOT attisdropped", [kind[0]]
    )
    gone = sorted(set(names) - {row[0] for row in rows.fetchall()})
    if gone:
        raise CannotFetch(f"源表没有列“{gone[0]}”。", hint="请核对数据源的 columns。")


def _require_identity(source: Any, oid: int, identity: str, fetch: FetchPart) -> None:
    """Without a replica identity the log does not say which row changed, and the source itself refuses updates."""
    which = {"d": "indisprimary", "i": "indisreplident"}.get(identity)
    found = set(fetch.key) if identity == "f" else set()
    if which:
        rows = source.execute(
            f"SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)"
            f" WHERE i.indrelid = %s AND i.{which}",
            [oid],
        )
        found = {row[0] for row in rows.fetchall()}
    if not found:
        raise CannotFetch(
            "这张表没有主键，也没有复制标识，看不出变化的是哪一行。",
            hint="请源库管理员加主键，或运行 ALTER TABLE … REPLICA IDENTITY FULL。",
        )
    if not set(fetch.key) <= found:
        raise CannotFetch(
            f"表的标识是（{'、'.join(sorted(found))}），与数据源的 key 不同。", hint="请把 key 写成表的主键。"
        )


def _whole(source: Any, fetch: FetchPart, names: Sequence[str], connection: Connection, slot: str, into: Path) -> Asked:
    """The table as it stands at the very point where the slot begins: what comes later is in the log, nothing is in both."""
    _drop(source, slot)
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    with _connect(connection, replication="database") as maker:
        made = maker.execute(f"CREATE_REPLICATION_SLOT \"{slot}\" LOGICAL pgoutput (SNAPSHOT 'export')").fetchone()
        position, snapshot = str(made[1]), str(made[2])
        query = sql.SQL(
            "SELECT 'snapshot' AS change, to_char(now(), 'YYYY-MM-DD HH24:MI:SS.US') AS change_at, {} AS change_mark, '' AS change_kept, {} FROM {}"
        ).format(sql.Literal(mark(_number(position), 0)), columns, sql.Identifier(*_named(fetch)))
        with source.transaction(), source.cursor() as cursor, open(into, "wb") as stream:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(sql.Literal(snapshot)))
            with cursor.copy(sql.SQL("COPY ({}) TO STDOUT (FORMAT csv, HEADER)").format(query)) as copy:
                for piece in copy:
                    stream.write(piece)
            return Asked(cursor.rowcount, position, 0)


def _found(source: Any, place: Place) -> None:
    """The slot, moved on to where we are. Raises CannotFetch where the source has let go of what we have not read."""
    row = source.execute(
        "SELECT to_jsonb(s) FROM pg_replication_slots s WHERE slot_name = %s AND database = current_database()",
        [place.slot],
    ).fetchone()
    slot = row[0] if row else {}
    if not slot or slot.get("wal_status") == "lost" or not slot.get("confirmed_flush_lsn"):
        raise CannotFetch("源库没有为我们留着变化（复制槽不在了，或日志已被清掉）。", hint=f"中间的变化不全。{_ANEW}")
    there, here = _number(slot["confirmed_flush_lsn"]), _number(place.position)
    if there > here:
        raise CannotFetch("源库的复制槽比我们记下的更靠后，中间的变化没有取到。", hint=f"可能是本站由备份恢复。{_ANEW}")
    if there < here:
        source.execute("SELECT pg_replication_slot_advance(%s, %s::pg_lsn)", [place.slot, place.position])


def _changed(source: Any, fetch: FetchPart, names: Sequence[str], place: Place, into: Path) -> Asked:
    # All that is flushed before this point is looked through below: a write that is not on disk yet might still be missed.
    until = str(_one(source, "SELECT pg_current_wal_flush_lsn()::text"))
    count, position = 0, ""
    with open(into, "w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([*CHANGE_COLUMNS, *names])
        for row in _decoded(source, fetch, names, place.slot, until):
            if isinstance(row, Ended):
                position = _text(row.position)
            else:
                writer.writerow(row)
                count += 1
    position = position or until
    behind = _one(source, "SELECT pg_wal_lsn_diff(pg_current_wal_flush_lsn(), %s::pg_lsn)::bigint", position)
    return Asked(count, position, max(0, int(behind)))


def _decoded(source: Any, fetch: FetchPart, names: Sequence[str], slot: str, until: str) -> Iterator[list[Any] | Ended]:
    decoder, wanted, number = Decoder(), _named(fetch), 0
    with source.transaction(), source.cursor(name="changes", binary=True) as cursor:
        cursor.itersize = _FETCHED_AT_ONCE
        cursor.execute(
            "SELECT data FROM pg_logical_slot_peek_binary_changes(%s, %s::pg_lsn, %s, 'proto_version', '1', 'publication_names', %s)",
            [slot, until, CHANGES_MAX, f'"{fetch.publication}"'],
        )
        for (message,) in cursor:
            for said in decoder.read(message):
                if isinstance(said, Ended):
                    number = 0
                    yield said
                elif (said.table.schema, said.table.name) == wanted:
                    at = f"{decoder.committed_at.astimezone(LEGAL_TIME):%Y-%m-%d %H:%M:%S.%f}"
                    for kind, cells in _rows(said, names, fetch.key):
                        number += 1  # noqa: SIM113 - goes on from row to row of the transaction
                        kept = "|".join(name for name, cell in zip(names, cells, strict=True) if cell is KEPT)
                        found = ["" if cell is None or cell is KEPT else cell for cell in cells]
                        yield [kind, at, mark(decoder.committed, number), kept, *found]


def _rows(change: Change, names: Sequence[str], key: Sequence[str]) -> Iterator[tuple[str, Row]]:
    """A row that got another key is one that is gone and one that came."""
    pick = _picker(change.table.columns, names)
    if change.kind == "truncate":
        yield change.kind, (None,) * len(names)
        return
    before, after = pick(change.before), pick(change.after)
    places = [names.index(name) for name in key]
    moved = bool(before and after) and any(before[place] != after[place] for place in places)
    if change.kind == "delete" or moved:
        yield "delete", before
    if change.kind != "delete":
        yield change.kind, after


def _picker(columns: Sequence[str], names: Sequence[str]) -> Callable[[Row], Row]:
    gone = [name for name in names if name not in columns]
    if gone:
        raise CannotFetch(f"源表在途中没有列“{gone[0]}”。", hint=f"请核对数据源的 columns，或从头再来。{_ANEW}")
    places = [columns.index(name) for name in names]
    return lambda row: tuple(row[place] for place in places) if row else ()


def mark(commit: int, number: int) -> str:
    """Sorts as things happened: the place of the commit in the log, and the how-many-eth change of it."""
    return f"{commit:016X}-{number:08d}"


def _drop(source: Any, slot: str) -> None:
    source.execute("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = %s", [slot])


def _named(fetch: FetchPart) -> tuple[str, str]:
    schema, _, table = f"public.{fetch.table}".rpartition(".")
    return schema.rpartition(".")[2], table


def _one(source: Any, text: str, *given: object) -> Any:
    return source.execute(text, list(given)).fetchone()[0]


def _number(position: str) -> int:
    high, low = position.split("/")
    return int(high, 16) << 32 | int(low, 16)


def _text(position: int) -> str:
    return f"{position >> 32:X}/{position & 0xFFFFFFFF:X}"
