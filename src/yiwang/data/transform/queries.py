"""Reading transformations, their runs and the lineage of columns; all from packs and PostgreSQL, never from the lake's files."""

from collections.abc import Mapping
from typing import Any

from yiwang.data.engine import queries as lakes
from yiwang.data.engine.contracts import Change, TableView
from yiwang.data.transform import _openlineage, _shapes, _tracing
from yiwang.data.transform.contracts import (
    VIEW,
    Lineage,
    NoSuchRun,
    NoSuchTransformation,
    NotForThisPost,
    RunView,
    State,
    TransformationView,
    Way,
)
from yiwang.data.transform.kinds import TRANSFORMATION, TransformationPack
from yiwang.data.transform.models import Run
from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor, ActorKind
from yiwang.kernel.base.paging import Page, keyset
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.packs.contracts import Pack


def transformation(transformation_id: str) -> Pack:
    """A transformation's pack. Raises NoSuchTransformation."""
    pack = packs.find(TRANSFORMATION, transformation_id)
    if pack is None:
        raise NoSuchTransformation(f"没有治理加工“{transformation_id}”。", hint="yiwang transform list 列出所有加工。")
    return pack


def ordered() -> list[TransformationView]:
    """Every transformation of the packs in force, each after those that it reads of."""
    return [_as_view(pack) for pack in _shapes.ordered(packs.all_of(TRANSFORMATION))]


def is_stale(transformation_id: str) -> bool:
    """Whether all its inputs have data and one of them, or the transformation itself, has changed since its last run."""
    pack = transformation(transformation_id)
    inputs = newest(pack.as_type(TransformationPack))
    if None in inputs.values():
        return False
    last = last_done(transformation_id)
    return last is None or not is_fresh(last, pack, inputs)


def run(run_id: int) -> RunView:
    """A run. Raises NoSuchRun."""
    row = Run.objects.filter(pk=run_id).first()
    if row is None:
        raise NoSuchRun("没有这一次执行。", hint="请核对编号。")
    return view_of(row)


def runs(*, transformation_id: str = "", cursor: str | None = None, size: int = 20) -> Page[RunView]:
    """Runs, the newest first; of one transformation when it is named."""
    rows = Run.objects.defer("edges")
    if transformation_id:
        rows = rows.filter(transformation_id=transformation_id)
    return keyset(rows, order=("-id",), cursor=cursor, size=size).map(view_of)


def lineage(table: str, column: str | None = None) -> Lineage:
    """Where a table, or a column of it, comes from down to the files of departments, and what is made of it. Raises NoLineage."""
    return _tracing.traced(table, column)


def openlineage(run_id: int) -> dict[str, Any]:
    """A finished run as an OpenLineage event. Raises NoSuchRun."""
    row = Run.objects.filter(pk=run_id, state=State.DONE).first()
    if row is None:
        raise NoSuchRun("没有这一次执行，或还没有完成。", hint="请核对编号。")
    pack = packs.find(TRANSFORMATION, row.transformation_id)
    sql = pack.as_type(TransformationPack).sql if pack and pack.hash == row.hash else ""
    return _openlineage.event(row, sql, f"yiwang://{packs.current().place}")


def require_viewing(by: Actor) -> None:
    """Raises NotForThisPost."""
    if by.kind is not ActorKind.SYSTEM and not access.may_anywhere(by, VIEW):
        raise NotForThisPost("您的岗位不能查看治理加工。", hint="请联系数据管理员。")


def tables() -> list[TableView]:
    """Every table of the lake with its newest snapshot."""
    return lakes.tables()


def last_run_of(table: str) -> RunView | None:
    """The run that wrote a table last; None for one that no transformation writes."""
    row = Run.objects.filter(table=table, state=State.DONE).order_by("-id").first()
    return view_of(row) if row else None


def last_done(transformation_id: str) -> Run | None:
    return Run.objects.filter(transformation_id=transformation_id, state=State.DONE).order_by("-id").first()


def newest(body: TransformationPack) -> dict[str, int | None]:
    """The newest snapshot of every input table; None where there is none."""
    found: dict[str, int | None] = {}
    for table in body.tables.values():
        snapshot = lakes.current(table) if lakes.find_table(table) else None
        found[table] = snapshot.number if snapshot else None
    return found


def is_fresh(last: Run, pack: Pack, inputs: Mapping[str, int | None]) -> bool:
    """Whether a run would read just what the last one read."""
    if last.hash != pack.hash or set(inputs) != set(last.inputs):
        return False
    return all(
        number is not None and lakes.change(table, last.inputs[table], number) is Change.SAME
        for table, number in inputs.items()
    )


def view_of(row: Run) -> RunView:
    return RunView(
        id=row.pk, transformation_id=row.transformation_id, table=row.table, state=State(row.state), way=Way(row.way),
        inputs=row.inputs, snapshot=row.snapshot, rows=row.rows, words=row.words, attempts=row.attempts,
        began_at=row.began_at, ended_at=row.ended_at,
    )  # fmt: skip


def _as_view(pack: Pack) -> TransformationView:
    body = pack.as_type(TransformationPack)
    return TransformationView(pack.id, str(pack.title), body.table, body.tables, body.incremental is not None)
