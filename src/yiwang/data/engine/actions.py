"""Writing the lake: a file first, then the snapshot that lists it; who writes is permitted by the app that calls."""

import contextlib
import hashlib
import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import connection as records
from django.db import transaction

from yiwang.data.engine import _expiry, _files, _tables_of, queries
from yiwang.data.engine.contracts import (
    COMPACTION,
    Answer,
    BadTable,
    CannotQuery,
    Column,
    ExpiryReport,
    LakeBusy,
    Layer,
    Mode,
    SchemaDrifted,
    SnapshotRef,
    Superseded,
    TableRef,
)
from yiwang.data.engine.models import LakeFile, LakeTable, Snapshot
from yiwang.kernel.access import queries as access
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor, ActorKind, Denied
from yiwang.kernel.retention.contracts import ERASING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

GRACE = timedelta(hours=24)
KEEP = 5
FILES_BEFORE_COMPACTION = 32
_NAME = re.compile(r"[a-z]+\.[\w][\w.\-/]{0,119}")


@transaction.atomic
def declare(*, name: str, layer: Layer | str, by: Actor, at: datetime) -> TableRef:
    """Make a table known; the same again is the same table. Raises BadTable for a name or another layer."""
    if not _NAME.fullmatch(name) or layer not in list(Layer):
        raise BadTable(f"“{name}”不能作表名。", hint="写成 层.名称，如 raw.firms。")
    row, is_new = LakeTable.objects.get_or_create(name=name, defaults={"layer": str(layer), "created_at": at})
    if row.layer != layer:
        raise BadTable(f"表“{name}”已经在另一层。", hint=f"它在 {row.layer} 层。")
    if is_new:
        audit.record("lake.table.declared", target=f"lake:{name}"[:120], by=by, at=at, detail={"layer": str(layer)})
    return TableRef(row.name, Layer(row.layer))


def commit(
    *,
    table: str,
    source: Path | str,
    connection: "DuckDBPyConnection | None" = None,
    mode: Mode,
    key: str,
    expect: int | None = None,
    evolve: bool = False,
    made_by: str = "",
    by: Actor,
    at: datetime,
) -> SnapshotRef:
    """Make the next snapshot of a table from a SELECT on `connection` (or a Parquet file), exactly once for a `key`.

    Readers see the snapshot before or this one whole. `expect` is the number the writer read (0: none). With `evolve` new columns are
    added and missing ones stay empty in what is appended. Raises NoSuchTable, CannotQuery, SchemaDrifted, Superseded.
    """
    queries.table(table)
    done = queries.made_with(table, key)
    if done:
        return done
    with _on(connection, source) as lake:
        query = _query(source)
        columns = _described(lake, query)
        before = queries.current(table)
        if mode == "append" and before:
            columns = _fitting(table, before.columns, columns, evolve=evolve)
            query = f"SELECT * FROM ({query}\n)"
        folder = hashlib.sha256(table.encode()).hexdigest()[:12]
        written = _files.write(lake, query, folder)
    try:
        return _listed(table, written, columns, mode, key, before, expect, evolve, made_by, by=by, at=at)
    except BaseException:
        if written:
            _files.place(written.path).unlink(missing_ok=True)
        raise


@transaction.atomic
def _listed(
    table: str,
    written: _files.Written | None,
    columns: tuple[Column, ...],
    mode: Mode,
    key: str,
    before: SnapshotRef | None,
    expect: int | None,
    evolve: bool,
    made_by: str,
    *,
    by: Actor,
    at: datetime,
) -> SnapshotRef:
    kept = LakeTable.objects.select_for_update().get(name=table)
    done = Snapshot.objects.filter(table=kept, key=key).first()
    if done:
        if written:
            _files.place(written.path).unlink(missing_ok=True)
        return queries.as_ref(done, table)
    newest = Snapshot.objects.filter(table=kept).order_by("-number").first()
    number = newest.number if newest else 0
    if expect is not None and expect != number:
        raise Superseded(f"表“{table}”已有更新的快照。", hint="请按最新的快照重做。")
    if newest and mode == "append" and (before is None or before.number != number):
        # Another writer came in between: its columns count.
        columns = _fitting(table, queries.as_ref(newest, table).columns, columns, evolve=evolve)
    keeps = list(newest.files) if newest and mode == "append" else []
    rows = (newest.rows if newest and mode == "append" else 0) + (written.rows if written else 0)
    row = Snapshot.objects.create(
        table=kept,
        number=number + 1,
        key=key,
        mode=mode,
        columns=[{"name": each.name, "type": each.type} for each in columns],
        files=[*keeps, *_entered(kept, written, at)],
        rows=rows,
        made_by=made_by,
        created_at=at,
    )
    detail = {"number": row.number, "mode": mode, "rows": rows, "made_by": made_by}
    audit.record("lake.table.committed", target=f"lake:{table}"[:120], by=by, at=at, detail=detail)
    return queries.as_ref(row, table)


def compact(*, table: str, by: Actor, at: datetime) -> SnapshotRef:
    """Write the newest snapshot as one file; the rows stay the same. Raises NoSuchTable, NoSuchSnapshot, Superseded."""
    newest = queries.snapshot(table)
    if newest.files <= 1:
        return newest
    with queries.connect() as lake:
        relation = queries.mount(lake, table, number=newest.number)
        return commit(
            table=table, source=f"SELECT * FROM {relation}", connection=lake, mode="replace",
            key=f"compact:{newest.number}", expect=newest.number, made_by=COMPACTION, by=by, at=at,
        )  # fmt: skip


@transaction.atomic
def expire(*, keep: int = KEEP, grace: timedelta = GRACE, by: Actor, at: datetime) -> ExpiryReport:
    """Let go of all but the newest `keep` snapshots of each table and of files that none lists, with their keys.

    What was the newest, or was written, within `grace` stays: somebody may be reading or about to commit it. Raises
    LakeBusy while a backup is made.
    """
    with records.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [ERASING])
        if not cursor.fetchone()[0]:
            raise LakeBusy("正在备份，暂不能清理数据湖。", hint="备份完成后再试。")
    report = _expiry.expire(max(keep, 1), at - grace)
    detail = {"snapshots": report.snapshots, "files": report.files, "strays": report.strays}
    audit.record("lake.expired", target="lake", by=by, at=at, detail=detail)
    return report


def ask(*, sql: str, most: int, by: Actor, at: datetime) -> Answer:
    """Answer one SELECT over the newest snapshots, up to `most` rows. For the operator and posts with `lake.query`; written down.

    No narrowing by unit and no masking: that is why a permission of its own is wanted. Raises CannotQuery, NoSuchTable.
    """
    if by.kind is not ActorKind.SYSTEM and not access.may_anywhere(by, "lake.query"):
        raise Denied("您的岗位不能查询数据湖。", hint="请联系数据管理员。")
    query = queries.require_select(sql)
    names = _tables_of.tables_of(query)
    # The text itself may quote a person: its digest is enough to recognise it.
    detail = {"tables": names, "digest": hashlib.sha256(query.encode()).hexdigest()}
    audit.record("lake.queried", target="lake", by=by, at=at, detail=detail)
    with queries.connect() as lake:
        for name in names:
            queries.mount(lake, name)
        cursor = _executed(lake, f"SELECT * FROM ({query}\n) LIMIT {most + 1}")
        columns = tuple(Column(str(each[0]), str(each[1])) for each in cursor.description or ())
        rows = cursor.fetchall()
    return Answer(columns, rows[:most], len(rows) > most)


def _entered(kept: LakeTable, written: _files.Written | None, at: datetime) -> list[int]:
    if written is None:
        return []
    row = LakeFile.objects.create(
        table=kept,
        path=written.path,
        rows=written.rows,
        size_bytes=written.size_bytes,
        sha256=written.sha256,
        key=written.key,
        created_at=at,
    )
    return [row.pk]


@contextlib.contextmanager
def _on(connection: "DuckDBPyConnection | None", source: Path | str) -> Iterator["DuckDBPyConnection"]:
    if connection is not None:
        yield connection
        return
    with queries.connect(paths=[source] if isinstance(source, Path) else []) as own:
        yield own


def _query(source: Path | str) -> str:
    if isinstance(source, str):
        return queries.require_select(source)
    if source.suffix != ".parquet":
        raise BadTable("只能从 Parquet 文件直接写入。", hint="其他文件请经汇聚（yiwang ingest）。")
    return f"SELECT * FROM read_parquet({queries.literal(str(source.resolve()))})"


def _described(lake: "DuckDBPyConnection", query: str) -> tuple[Column, ...]:
    rows = _executed(lake, f"DESCRIBE {query}").fetchall()
    return tuple(Column(str(row[0]), str(row[1])) for row in rows)


def _executed(lake: "DuckDBPyConnection", sql: str) -> Any:
    import duckdb

    try:
        return lake.execute(sql)
    except duckdb.Error as wrong:
        raise CannotQuery(f"查询不成立：{wrong}", hint="请核对表名、列名和函数。") from wrong


def _fitting(table: str, before: Sequence[Column], coming: Sequence[Column], *, evolve: bool) -> tuple[Column, ...]:
    """The columns of the table after an append. Raises SchemaDrifted."""
    known, given = {each.name: each.type for each in before}, {each.name: each.type for each in coming}
    changed = [name for name in given if name in known and known[name] != given[name]]
    new, missing = [name for name in given if name not in known], [name for name in known if name not in given]
    if changed or (not evolve and (new or missing)):
        said = [*(f"{name} 的类型变了" for name in changed), *(f"多了 {name}" for name in new)]
        said += [f"少了 {name}" for name in missing]
        raise SchemaDrifted(f"写入的列与表“{table}”不同：{'、'.join(said)}。", hint="请核对列，或说明允许增减列。")
    return (*before, *(Column(name, given[name]) for name in new))
