"""Reading a snapshot of the lake into a registry, part by part: what was brought in before a process ended is found unchanged by the next.

None of it is there for readers before all of it is (`_standing`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any

from django.db import connection as records
from django.utils import timezone

from yiwang.data.engine import queries as lake
from yiwang.data.engine.contracts import SnapshotRef
from yiwang.data.registries import _cells, _entering, _standing
from yiwang.data.registries._cells import Cell
from yiwang.data.registries._entering import Incoming
from yiwang.data.registries._own import links_of, region_of, row_digest
from yiwang.data.registries.contracts import NothingToTake, TooMuchGone
from yiwang.data.registries.kinds import FeedPart, KeptRegistry
from yiwang.data.registries.models import Entry, Intake
from yiwang.kernel.base.sealing import sealed_index

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

PART = 250_000
# Entries that the lake feeds, as they will be once the take-over stands.
_FED = """FROM registries_entry e LEFT JOIN registries_coming c ON c.register_id = e.register_id AND c.key = e.key
WHERE e.register_id = %s AND coalesce(c.is_here, e.is_here) AND NOT coalesce(c.is_direct, e.is_direct)"""


@dataclass(frozen=True, slots=True)
class _Table:
    """The table as the registry reads it: columns in the order of the SELECT, after key and day."""

    relation: str
    key: str
    since: str
    columns: tuple[str, ...]
    selected: tuple[str, ...]
    said: frozenset[str]
    name: str | None
    region: str | None
    links: tuple[str, ...]


def take(intake: Intake, body: KeptRegistry, snapshot: SnapshotRef, *, is_forced: bool) -> None:
    """Bring a snapshot in, and mark what it no longer holds. Raises TooMuchGone before anything is brought in."""
    feed = body.feed
    assert feed is not None  # whoever asks to take over has looked
    with lake.connect(memory="2GB") as connection:
        relation = lake.mount(connection, feed.table, number=snapshot.number)
        table = _table(body, feed, snapshot, relation)
        read, keyed, keys = _counts(connection, table)
        _refuse_a_torso(intake, feed, keys, is_forced)
        _standing.begin(intake)
        day = timezone.localdate(snapshot.created_at).isoformat()
        for rows in _rows(connection, table, keys):
            _entering.enter(intake, [_incoming(row, table, feed, day, intake.pk) for row in rows], is_direct=False)
        _let_go(connection, table, intake, keys, day)
    intake.read, intake.unkeyed, intake.twice = read, read - keyed, keyed - keys


def _table(body: KeptRegistry, feed: FeedPart, snapshot: SnapshotRef, relation: str) -> _Table:
    """Raises NothingToTake where the table lacks the key."""
    there = {each.name for each in snapshot.columns}
    key = feed.key or feed.columns.get(body.key or "", body.key or "")
    wanted = {each.name: feed.columns.get(each.name, each.name) for each in body.columns}
    columns = {name: column for name, column in wanted.items() if column in there}
    if key not in there:
        raise NothingToTake(f"湖表“{feed.table}”没有主键列“{key}”。", hint="请核对基础库配置包的 feed。")
    said = frozenset(name for name, column in columns.items() if f"{column}__source" in there)
    norm = f"upper(trim(CAST({lake.quoted(key)} AS VARCHAR)))"
    selected = [norm if column == key else _text(column) for column in columns.values()]
    for name, column in columns.items():
        if name in said:
            seen = f"{column}__seen_on"
            selected += [_text(f"{column}__source"), _text(seen) if seen in there else "NULL"]
    since = f"strftime(TRY_CAST({lake.quoted(feed.since)} AS DATE), '%Y-%m-%d')" if feed.since in there else "NULL"
    return _Table(
        relation, norm, since, tuple(columns), (norm, since, *selected), said, body.name, body.region, body.links
    )


def _text(column: str) -> str:
    return f"nullif(trim(CAST({lake.quoted(column)} AS VARCHAR)), '')"


def _counts(connection: "DuckDBPyConnection", table: _Table) -> tuple[int, int, int]:
    """Rows, rows with a key, keys."""
    sql = (
        f"SELECT count(*), count(k), count(DISTINCT k) FROM (SELECT nullif({table.key}, '') AS k FROM {table.relation})"
    )
    row = connection.execute(sql).fetchone()
    assert row is not None
    return int(row[0]), int(row[1]), int(row[2])


def _rows(connection: "DuckDBPyConnection", table: _Table, keys: int) -> Iterator[list[tuple[Any, ...]]]:
    """One row a key (the newest, else the first in order of its values), in parts that fit into memory."""
    parts = max(1, ceil(keys / PART))
    for part in range(parts):
        found = connection.execute(
            f"SELECT {', '.join(table.selected)} FROM {table.relation} WHERE {table.key} <> ''"
            f" AND hash({table.key}) % {parts} = {part}"
            f" QUALIFY row_number() OVER (PARTITION BY {table.key} ORDER BY {_order(table)}) = 1"
        )
        while rows := found.fetchmany(_entering.CHUNK):
            yield rows


def _order(table: _Table) -> str:
    return ", ".join(f"{text} DESC NULLS LAST" for text in table.selected[1:])


def _incoming(row: tuple[Any, ...], table: _Table, feed: FeedPart, day: str, intake: int) -> Incoming:
    key, since = str(row[0]), row[1] or day
    values = row[2 : 2 + len(table.columns)]
    named = dict(zip(table.columns, values, strict=True))
    groups = (
        _cells.packed(_said(row, table, feed, since, intake))
        if table.said or feed.of
        else [[feed.source, since, intake, named]]
    )
    name = named.get(table.name or "")
    return Incoming(
        sealed_index(key),
        sealed_index(name) if name else "",
        row_digest(table.columns, row[2:]),
        groups,
        region_of(named.get(table.region or "")),
        links_of(named, table.links),
    )


def _said(row: tuple[Any, ...], table: _Table, feed: FeedPart, since: str, intake: int) -> _cells.Cells:
    """Each value with its own source and day, where the table says them."""
    more = iter(row[2 + len(table.columns) :])
    found: _cells.Cells = {}
    for name, value in zip(table.columns, row[2:], strict=False):
        source, day = feed.of.get(name, feed.source), since
        if name in table.said:
            source, day = next(more) or source, next(more) or day
        found[name] = Cell(value, source, day[:10], intake)
    return found


def _refuse_a_torso(intake: Intake, feed: FeedPart, keys: int, is_forced: bool) -> None:
    """A delivery that was cut short must not empty a registry."""
    fed = Entry.objects.filter(_standing.entries(), register=intake.register_id, is_here=True, is_direct=False)
    here = fed.count()
    if here and not is_forced and (here - keys) * 100 > here * feed.gone_most:
        raise TooMuchGone(
            f"这个快照只有{keys}个主键，库里有{here}个，少了超过{feed.gone_most}%。",
            hint="请先核对报送是否完整；确实减少的，用 --force 更新。",
        )


def _let_go(connection: "DuckDBPyConnection", table: _Table, intake: Intake, keys: int, day: str) -> None:
    """Entries that the snapshot does not hold; looked for only where the numbers differ."""
    with records.cursor() as cursor:
        cursor.execute(f"SELECT count(*) {_FED}", [intake.register_id])
        if cursor.fetchone()[0] == keys:
            return
        cursor.execute("DROP TABLE IF EXISTS registries_seen")
        cursor.execute("CREATE TEMP TABLE registries_seen (key text)")
        found = connection.execute(f"SELECT DISTINCT {table.key} FROM {table.relation} WHERE {table.key} <> ''")
        with cursor.copy("COPY registries_seen (key) FROM STDIN") as copy:
            while rows := found.fetchmany(_entering.CHUNK):
                for (key,) in rows:
                    copy.write_row((sealed_index(str(key)),))
        cursor.execute(
            f"SELECT e.id {_FED} AND NOT EXISTS (SELECT 1 FROM registries_seen s WHERE s.key = e.key) ORDER BY e.id",
            [intake.register_id],
        )
        gone: Sequence[int] = [pk for (pk,) in cursor.fetchall()]
        cursor.execute("DROP TABLE registries_seen")
    for first in range(0, len(gone), _entering.CHUNK):
        _entering.let_go(intake, gone[first : first + _entering.CHUNK], day)
