"""Reading the lake: tables and snapshots from PostgreSQL, their rows through DuckDB. For workers and commands, never for a web request."""

from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING

from django.db.models import OuterRef, Subquery

from yiwang.data.engine import _files
from yiwang.data.engine._connection import connect as connect
from yiwang.data.engine._connection import literal as literal
from yiwang.data.engine._connection import quoted as quoted
from yiwang.data.engine._connection import require_select as require_select
from yiwang.data.engine._connection import scratch as scratch
from yiwang.data.engine._workbook import ERROR as ERROR
from yiwang.data.engine._workbook import write_sheet as write_sheet
from yiwang.data.engine.contracts import (
    COMPACTION,
    Change,
    Column,
    Layer,
    NoSuchSnapshot,
    NoSuchTable,
    SnapshotRef,
    TableRef,
    TableView,
)
from yiwang.data.engine.models import LakeFile, LakeTable, Snapshot
from yiwang.kernel.base.paging import Page, keyset

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def table(name: str) -> TableRef:
    """A declared table. Raises NoSuchTable."""
    return _as_table(_table(name))


def find_table(name: str) -> TableRef | None:
    """A declared table; None when absent."""
    row = LakeTable.objects.filter(name=name).first()
    return _as_table(row) if row else None


def tables(layer: Layer | str | None = None) -> list[TableView]:
    """Every table with its newest snapshot, by name; two queries."""
    newest = Snapshot.objects.filter(table=OuterRef("pk")).order_by("-number").values("pk")[:1]
    rows = list(LakeTable.objects.annotate(newest=Subquery(newest)).order_by("name"))
    rows = [row for row in rows if layer is None or row.layer == layer]
    snapshots = Snapshot.objects.in_bulk([row.newest for row in rows if row.newest])
    sizes = _sizes({number for snapshot in snapshots.values() for number in snapshot.files})
    return [_view(row, snapshots.get(row.newest), sizes) for row in rows]


def current(name: str) -> SnapshotRef | None:
    """The newest snapshot; None while the table is empty of any. Raises NoSuchTable."""
    row = Snapshot.objects.filter(table=_table(name)).order_by("-number").first()
    return as_ref(row, name) if row else None


def snapshot(name: str, *, number: int | None = None, as_of: datetime | None = None) -> SnapshotRef:
    """A snapshot by its number, or as the table stood at a moment, or the newest. Raises NoSuchTable, NoSuchSnapshot."""
    return as_ref(_snapshot(name, number, as_of), name)


def made_with(name: str, key: str) -> SnapshotRef | None:
    """The snapshot that a key made; None when it never did."""
    row = Snapshot.objects.filter(table__name=name, key=key).first()
    return as_ref(row, name) if row else None


def snapshots(name: str, cursor: str | None = None, *, size: int = 20) -> Page[SnapshotRef]:
    """What became of a table, the newest first. Raises NoSuchTable."""
    rows = Snapshot.objects.filter(table=_table(name))
    return keyset(rows, order=("-number",), cursor=cursor, size=size).map(lambda row: as_ref(row, name))


def columns(name: str) -> tuple[Column, ...]:
    """The columns of the newest snapshot, in order; empty while there is none. Raises NoSuchTable."""
    newest = current(name)
    return newest.columns if newest else ()


def mount(
    connection: "DuckDBPyConnection",
    name: str,
    *,
    number: int | None = None,
    as_of: datetime | None = None,
    alias: str | None = None,
    since: int | None = None,
) -> str:
    """Make a view over one snapshot (default: the newest); returns what to write after FROM.

    The view is called `alias`, else as the table, with the part before the first dot as its schema. The snapshot stays the
    same for as long as the connection lives, whatever is committed meanwhile. With `since`, only what was added after that
    snapshot, which `change` must have called ADDED. Raises NoSuchTable, NoSuchSnapshot.
    """
    row = _snapshot(name, number, as_of)
    known = Snapshot.objects.get(table=row.table_id, number=since).files if since is not None else []
    schema, _, rest = name.partition(".")
    relation = quoted(alias) if alias else f"{quoted(schema)}.{quoted(rest)}" if rest else quoted(name)
    if rest and not alias:
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(schema)}")
    empty = ", ".join(f"NULL::{each['type']} AS {quoted(each['name'])}" for each in row.columns)
    parts = [f"SELECT {empty} WHERE false"]
    for file in LakeFile.objects.filter(pk__in=row.files).exclude(pk__in=known).order_by("pk"):
        key = _files.add_key(connection, _files.place(file.path).stem, file.key)
        path = literal(str(_files.place(file.path)))
        parts.append(f"SELECT * FROM read_parquet({path}, encryption_config = {{footer_key: '{key}'}})")
    connection.execute(f"CREATE OR REPLACE VIEW {relation} AS {' UNION ALL BY NAME '.join(parts)}")
    return relation


def change(name: str, since: int, number: int) -> Change:
    """What became of a table's rows after one snapshot until another. Raises NoSuchTable."""
    made = Snapshot.objects.filter(table=_table(name), number__gt=since, number__lte=number)
    ways = {"same" if each.made_by == COMPACTION else each.mode for each in made.only("mode", "made_by")}
    if since > number or ways - {"same", "append"} or len(ways) > 1:
        return Change.REPLACED
    return Change.ADDED if "append" in ways else Change.SAME


def lost(*, most: int = 100) -> list[str]:
    """Files that rows name and the folder does not hold, the first `most` of them."""
    paths = LakeFile.objects.order_by("pk").values_list("path", flat=True).iterator(chunk_size=2000)
    return list(islice((path for path in paths if not _files.place(path).exists()), most))


def as_ref(row: Snapshot, name: str) -> SnapshotRef:
    return SnapshotRef(name, row.number, row.rows, _columns(row), row.key, row.made_by, row.created_at, len(row.files))


def _columns(row: Snapshot) -> tuple[Column, ...]:
    return tuple(Column(each["name"], each["type"]) for each in row.columns)


def _table(name: str) -> LakeTable:
    row = LakeTable.objects.filter(name=name).first()
    if row is None:
        raise NoSuchTable(f"数据湖里没有表“{name}”。", hint="yiwang lake tables 列出所有的表。")
    return row


def _snapshot(name: str, number: int | None, as_of: datetime | None) -> Snapshot:
    kept = _table(name)
    rows = Snapshot.objects.filter(table=kept)
    if number is not None:
        rows = rows.filter(number=number)
    if as_of is not None:
        rows = rows.filter(created_at__lte=as_of)
    row = rows.order_by("-number").first()
    if row is None or row.number < kept.kept_from:
        raise NoSuchSnapshot(f"表“{name}”没有这个快照，或已过期清理。", hint="yiwang lake snapshots 列出还能读的快照。")
    return row


def _sizes(numbers: set[int]) -> dict[int, int]:
    return dict(LakeFile.objects.filter(pk__in=numbers).values_list("pk", "size_bytes"))


def _as_table(row: LakeTable) -> TableRef:
    return TableRef(row.name, Layer(row.layer))


def _view(row: LakeTable, newest: Snapshot | None, sizes: dict[int, int]) -> TableView:
    files = newest.files if newest else []
    return TableView(
        name=row.name,
        layer=Layer(row.layer),
        number=newest.number if newest else 0,
        rows=newest.rows if newest else 0,
        files=len(files),
        size_bytes=sum(sizes.get(number, 0) for number in files),
        columns=_columns(newest) if newest else (),
        changed_at=newest.created_at if newest else None,
    )


__all__ = [
    "change",
    "columns",
    "connect",
    "current",
    "find_table",
    "literal",
    "lost",
    "made_with",
    "mount",
    "quoted",
    "require_select",
    "scratch",
    "snapshot",
    "snapshots",
    "table",
    "tables",
]
