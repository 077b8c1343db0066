"""Running transformations: what is read is settled first, then written as one snapshot; a run that was cut off goes on."""

import contextlib
import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime

import duckdb
from django.db import connection as records
from django.db import transaction

from yiwang.data.engine import actions as engine
from yiwang.data.engine import queries as lakes
from yiwang.data.engine.contracts import CannotQuery, Change, NoSuchSnapshot, SnapshotRef, Superseded
from yiwang.data.transform import _running, queries
from yiwang.data.transform.contracts import RUN, BadSql, CannotRun, Edge, NotForThisPost, RunView, State, Way
from yiwang.data.transform.kinds import TransformationPack
from yiwang.data.transform.models import Run
from yiwang.kernel.access import queries as access
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base import events
from yiwang.kernel.base.contracts import Actor, ActorKind
from yiwang.kernel.packs.contracts import Pack

_LOCK = 0x7466


def run(*, transformation_id: str, is_full: bool = False, by: Actor, at: datetime) -> RunView:
    """Write the transformation's table anew from the newest snapshots of its inputs; nothing is done where none of them changed.

    A run that was cut off goes on over the snapshots that it began with. `is_full` reads everything even where only what is new
    would do. Raises NoSuchTransformation, NotForThisPost, CannotRun (an input is empty, somebody is at it).
    """
    if by.kind is not ActorKind.SYSTEM and not access.may_anywhere(by, RUN):
        raise NotForThisPost("您的岗位不能执行治理加工。", hint="请联系数据管理员。")
    pack = queries.transformation(transformation_id)
    with _alone(transformation_id):
        row = _opened(pack, is_full, by=by, at=at)
        return queries.view_of(row) if row.state == State.DONE else _worked(row, pack, by=by, at=at)


@transaction.atomic
def _opened(pack: Pack, is_full: bool, *, by: Actor, at: datetime) -> Run:
    body = pack.as_type(TransformationPack)
    stopped = Run.objects.filter(transformation_id=pack.id, state=State.RUNNING).first()
    if stopped is not None:
        if stopped.hash == pack.hash and _is_there(stopped):
            stopped.attempts += 1
            stopped.save(update_fields=["attempts"])
            return stopped
        stopped.state, stopped.ended_at = State.DROPPED, at
        stopped.save(update_fields=["state", "ended_at"])
    inputs = _standing(body)
    last = queries.last_done(pack.id)
    if last is not None and not is_full and queries.is_fresh(last, pack, inputs):
        return last
    engine.declare(name=body.table, layer=body.layer, by=by, at=at)
    way, since = _way(body, None if is_full else last, pack, inputs)
    before = lakes.current(body.table)
    return Run.objects.create(
        transformation_id=pack.id, hash=pack.hash, table=body.table, state=State.RUNNING, way=way, inputs=inputs,
        since=since, expects=before.number if before else 0, began_at=at,
    )  # fmt: skip


def _worked(row: Run, pack: Pack, *, by: Actor, at: datetime) -> RunView:
    body = pack.as_type(TransformationPack)
    try:
        found = _running.lineage(row, body)
        made = _running.write(row, body, by=by, at=at)
    except (CannotQuery, BadSql, duckdb.Error) as wrong:
        return _failed(row, _running.words_of(wrong), by=by, at=at)
    except Superseded:
        return _failed(row, "写入时表已有更新的快照，请再执行一次。", by=by, at=at)
    return _ended(row, made, found, by=by, at=at)


@transaction.atomic
def _ended(row: Run, made: SnapshotRef, found: tuple[Edge, ...], *, by: Actor, at: datetime) -> RunView:
    row.state, row.snapshot, row.rows, row.ended_at = State.DONE, made.number, made.rows, at
    row.edges = [[edge.source.table, edge.source.column, edge.to.column, str(edge.relation)] for edge in found]
    row.save(update_fields=["state", "snapshot", "rows", "ended_at", "edges"])
    detail = {"table": row.table, "snapshot": made.number, "way": str(row.way), "rows": made.rows}
    audit.record("transform.run.done", target=f"transformation:{row.transformation_id}", by=by, at=at, detail=detail)
    events.publish("transform.table.written", {"table": row.table, "snapshot": made.number}, at=at)
    return queries.view_of(row)


@transaction.atomic
def _failed(row: Run, words: str, *, by: Actor, at: datetime) -> RunView:
    row.state, row.words, row.ended_at = State.FAILED, words, at
    row.save(update_fields=["state", "words", "ended_at"])
    audit.record("transform.run.failed", target=f"transformation:{row.transformation_id}", by=by, at=at)
    return queries.view_of(row)


def _standing(body: TransformationPack) -> dict[str, int]:
    """The newest snapshot of every input. Raises CannotRun."""
    found = queries.newest(body)
    if missing := [table for table, number in found.items() if number is None]:
        raise CannotRun(f"“{missing[0]}”还没有数据。", hint="请先汇聚，或先执行写它的加工。")
    return {table: number for table, number in found.items() if number is not None}


def _is_there(stopped: Run) -> bool:
    try:
        for table, number in stopped.inputs.items():
            lakes.snapshot(table, number=number)
        if stopped.way == Way.KEYS:
            lakes.snapshot(stopped.table, number=stopped.expects)
    except NoSuchSnapshot:
        return False
    return True


def _way(body: TransformationPack, last: Run | None, pack: Pack, inputs: Mapping[str, int]) -> tuple[Way, int | None]:
    part = body.incremental
    if part is None or last is None or last.hash != pack.hash:
        return Way.FULL, None
    growing = body.tables[part.input]
    changes = {table: lakes.change(table, last.inputs[table], number) for table, number in inputs.items()}
    if any(change is not Change.SAME for table, change in changes.items() if table != growing):
        return Way.FULL, None
    if changes[growing] is not Change.ADDED:
        return Way.FULL, None
    return (Way.KEYS if part.key else Way.APPEND), last.inputs[growing]


@contextlib.contextmanager
def _alone(transformation_id: str) -> Iterator[None]:
    """One run of a transformation at a time; the lock ends with the process that holds it."""
    key = int.from_bytes(hashlib.sha256(transformation_id.encode()).digest()[:4], "big", signed=True)
    with records.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_LOCK, key])
        if not cursor.fetchone()[0]:
            raise CannotRun("这个加工正在执行。", hint="请等它结束。")
    try:
        yield
    finally:
        with records.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCK, key])
