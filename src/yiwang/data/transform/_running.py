"""One run: the inputs as they stood when it began, the query on a DuckDB that reaches nothing else, and an atomic snapshot."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from yiwang.data.engine import actions as engine
from yiwang.data.engine import queries as lakes
from yiwang.data.engine.contracts import CannotQuery, SnapshotRef
from yiwang.data.transform import _increments
from yiwang.data.transform._lineage import edges
from yiwang.data.transform._sql import parsed
from yiwang.data.transform.contracts import BadSql, Edge, Way
from yiwang.data.transform.kinds import TransformationPack
from yiwang.data.transform.models import Run
from yiwang.kernel.base.contracts import Actor

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SECONDS_MAX, AGAIN_SECONDS = 1800.0, 0.5
# DuckDB's own sentences quote values, which may be a person's: ours name the kind of mistake only.
_WORDS = {
    "ConversionException": "有值不能转换成所要的类型。",
    "OutOfMemoryException": "内存不够。",
    "InterruptException": "运行过久，已停止。",
    "BinderException": "输入的列与加工所写的不符。",
    "OutOfRangeException": "有值超出类型的范围。",
}


def write(run: Run, body: TransformationPack, *, by: Actor, at: datetime) -> SnapshotRef:
    """Commit what the query gives; the key is the run's, so that a second time changes nothing. Raises BadSql, CannotQuery, Superseded."""
    parsed(body.sql, body.tables)
    with lakes.connect() as lake, _bounded(lake):
        _mount(lake, run, body)
        before = None
        if run.way == Way.KEYS:
            before = lakes.mount(lake, run.table, number=run.expects, alias="_before")
        part = body.incremental if run.way != Way.FULL else None
        return engine.commit(
            table=run.table, source=_increments.result(body.sql, part, before), connection=lake,
            mode="append" if run.way == Way.APPEND else "replace", key=f"transform:{run.pk}",
            expect=run.expects if run.way == Way.KEYS else None, made_by=f"transform:{run.pk}", by=by, at=at,
        )  # fmt: skip


def lineage(run: Run, body: TransformationPack) -> tuple[Edge, ...]:
    """Edges of what this run wrote, over the columns that its inputs had. Raises BadSql."""
    shapes = {
        name: {column.name: column.type for column in lakes.snapshot(table, number=run.inputs[table]).columns}
        for name, table in body.tables.items()
    }
    return edges(parsed(body.sql, body.tables), body.tables, shapes, table=run.table, via=run.transformation_id)


def words_of(wrong: Exception) -> str:
    """A sentence about why a run failed, without what the data hold."""
    if isinstance(wrong, BadSql):
        return f"{wrong.message}{wrong.hint}"[:200]
    cause = wrong.__cause__ if isinstance(wrong, CannotQuery) else wrong
    return _WORDS.get(type(cause).__name__, "查询不能执行。")


def _mount(lake: "DuckDBPyConnection", run: Run, body: TransformationPack) -> None:
    part = body.incremental if run.way != Way.FULL else None
    for name, table in body.tables.items():
        if part is None or name != part.input:
            lakes.mount(lake, table, number=run.inputs[table], alias=name)
            continue
        everything = lakes.mount(lake, table, number=run.inputs[table], alias="_everything")
        new = lakes.mount(lake, table, number=run.inputs[table], since=run.since, alias="_new")
        _increments.narrow(lake, part, everything=everything, new=new)


@contextmanager
def _bounded(lake: "DuckDBPyConnection") -> Iterator[None]:
    """A product of two large tables has no end: the clock makes one."""
    is_over = threading.Event()

    def stop() -> None:
        # More than once: what comes between two statements is lost.
        pause = SECONDS_MAX
        while not is_over.wait(pause):
            lake.interrupt()
            pause = AGAIN_SECONDS

    clock = threading.Thread(target=stop, daemon=True)
    clock.start()
    try:
        yield
    finally:
        is_over.set()
        clock.join()
