"""Taking deliveries in: read, compare with what was declared, count out repeats, commit, type, and write down what came of it."""

import contextlib
import hashlib
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection as records
from django.db import transaction

from yiwang.data.engine import queries as lakes
from yiwang.data.ingest import (
    _changes,
    _connections,
    _drift,
    _dropped,
    _feeds,
    _fetching,
    _reading,
    _seen,
    _taking,
    _typing,
    queries,
)
from yiwang.data.ingest.contracts import (
    RUN,
    BatchView,
    CannotDecide,
    CannotFetch,
    CannotRead,
    Drift,
    QuarantineView,
    Stage,
    State,
)
from yiwang.data.ingest.kinds import CHANGE_COLUMNS, FetchPart, SourcePack
from yiwang.data.ingest.models import Batch, Quarantined
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base import events
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.packs.contracts import Pack

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MEMORY = "1GB"
_LOCK = 0x696E


def run(*, source_id: str, path: Path | None = None, by: Actor, at: datetime) -> BatchView:
    """Take a delivery in, to its end or as far as it may go; the same content again is the same batch.

    A run that was interrupted goes on where its last commit was. Raises NoSuchSource, CannotRead, CannotDecide (somebody is at it).
    """
    pack = queries.source(source_id)
    _seen.require(pack.as_type(SourcePack).resource, RUN, by)
    given = path or _delivered(pack.as_type(SourcePack))
    if not given.is_file():
        raise CannotRead("没有找到要汇聚的文件。", hint="请把文件放入投递目录，或用 --from 指定。")
    with _alone(source_id):
        return _run_on(pack, given, by=by, at=at)


def fetch(*, source_id: str, by: Actor, at: datetime) -> BatchView | None:
    """Ask a source for its rows, or for those that are new, and take them in; None when there are none.

    What was laid down and not done with is gone on with first. Raises NoSuchSource, CannotFetch, CannotDecide (somebody is at it).
    """
    pack = queries.source(source_id)
    source = pack.as_type(SourcePack)
    _seen.require(source.resource, RUN, by)
    if source.fetch is None:
        raise CannotRead("这个数据源不是自动获取的。", hint="请在配置包里写 fetch，或用 yiwang ingest run 汇聚文件。")
    with _alone(source_id):
        mark = queries.watermark(source_id)
        given = _left(source_id, source, mark) or _fetching.ask(source_id, source, source.fetch, since=mark, at=at)
        if given is None or (source.fetch.watermark is None and given.until == mark):
            _fetching.forget(source_id)
            return None
        done = _run_on(pack, given.path, until=given.until, by=by, at=at)
        if done.state not in (State.READING, State.HELD):
            _fetching.forget(source_id)
        if done.state is State.TAKEN and source.is_feed:
            # What is taken in stays so: the next question moves the slot on as well.
            with contextlib.suppress(CannotFetch):
                _fetching.confirm(source_id, source.fetch, given.until)
        return done


def _left(source_id: str, source: SourcePack, mark: str) -> _fetching.Delivery | None:
    """What lies there from before; changes that were taken in to their end just before we were cut off are done with."""
    given = _fetching.left(source_id)
    if given and source.is_feed and given.until == mark:
        _fetching.forget(source_id)
        return None
    return given


def follow(*, source_id: str, by: Actor, at: datetime) -> BatchView | None:
    """The next batch of what has changed at a source that is followed; None when nothing has. Raises as `fetch`."""
    _feed(source_id)
    return fetch(source_id=source_id, by=by, at=at)


def stop_following(*, source_id: str, by: Actor, at: datetime) -> None:
    """Have a source keep no changes for us any more; followed again, it begins with the whole table. Raises NoSuchSource, CannotFetch."""
    source, feed = _feed(source_id)
    _seen.require(source.resource, RUN, by)
    with _alone(source_id):
        _fetching.stop(source_id, feed)
        _record_stop(source_id, by, at)


def _feed(source_id: str) -> tuple[SourcePack, FetchPart]:
    """Raises NoSuchSource, and CannotRead for a source that is not followed."""
    source = queries.source(source_id).as_type(SourcePack)
    if source.fetch is None or not source.is_feed:
        raise CannotRead("这个数据源不是跟随变化的。", hint="请在配置包里写 reach: postgresql-changes。")
    return source, source.fetch


@transaction.atomic
def _record_stop(source_id: str, by: Actor, at: datetime) -> None:
    audit.record("ingest.feed.stopped", target=f"source:{source_id}", by=by, at=at)


@transaction.atomic
def connect(*, name: str, address: str, key: str, header: str, by: Actor, at: datetime) -> Path:
    """Write down where a connection leads; the file that only its owner reads. Raises NotForThisPost."""
    _seen.require("", RUN, by)
    audit.record("ingest.connection.written", target=f"connection:{name}", by=by, at=at)
    return _connections.write(name, _connections.Connection(address, key, header))


@transaction.atomic
def decide(*, batch_id: int, go_on: bool, by: Actor, at: datetime) -> BatchView:
    """Say of a held batch whether it may go on as it is; it goes on at the next `run`. Raises NoSuchBatch, CannotDecide."""
    _seen.require(queries.row(batch_id).resource, RUN, by)
    row = Batch.objects.select_for_update().get(pk=batch_id)
    if row.state != State.HELD:
        raise CannotDecide("这一批不在等待处理。", hint="请刷新后再看。")
    row.released, row.state = go_on, State.READING if go_on else State.REFUSED
    row.ended_at = None if go_on else at
    row.save(update_fields=["released", "state", "ended_at"])
    audit.record("ingest.batch.decided", target=f"batch:{row.pk}", by=by, at=at, detail={"go_on": go_on})
    if go_on:
        events.publish("ingest.batch.released", {"batch_id": row.pk}, at=at)
    return queries.as_view(row)


def resume(*, batch_id: int, by: Actor, at: datetime) -> BatchView:
    """Go on with a batch that was interrupted, failed or released, from the file it came from. Raises NoSuchBatch, CannotRead."""
    row = queries.row(batch_id)
    return run(source_id=row.source_id, path=Path(row.path), by=by, at=at)


@transaction.atomic
def take_quarantine(*, batch_id: int, by: Actor, at: datetime) -> list[QuarantineView]:
    """The rows of a batch that are listed as set aside, as they were found; each taking is recorded. Raises NoSuchBatch, NotForThisPost."""
    _seen.require(queries.row(batch_id).resource, RUN, by)
    rows = queries.quarantine(batch_id, size=_taking.SHOWN).items
    audit.record("ingest.quarantine.taken", target=f"batch:{batch_id}", by=by, at=at, detail={"rows": len(rows)})
    return list(rows)


def _delivered(source: SourcePack) -> Path:
    if not source.where:
        raise CannotRead("这个数据源没有写明文件位置。", hint="请用 --from 指定文件。")
    return _dropped.folder() / source.where


@contextlib.contextmanager
def _alone(source_id: str) -> Iterator[None]:
    """One run of a source at a time; the lock ends with the process that holds it."""
    key = int.from_bytes(hashlib.sha256(source_id.encode()).digest()[:4], "big", signed=True)
    with records.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_LOCK, key])
        if not cursor.fetchone()[0]:
            raise CannotDecide("这个数据源正在汇聚。", hint="请等它结束。")
    try:
        yield
    finally:
        with records.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCK, key])


def _once_more(source_id: str, digest: str) -> str:
    """What came before another whole and comes back after it is a batch of its own."""
    taken = Batch.objects.filter(source_id=source_id, state=State.TAKEN).order_by("-ended_at", "-id")
    if not taken.filter(digest=digest).exists():
        return digest
    return hashlib.sha256(f"{digest} after {taken[0].pk}".encode()).hexdigest()


def _run_on(pack: Pack, path: Path, *, until: str = "", by: Actor, at: datetime) -> BatchView:
    batch = _opened(pack, path, until=until, by=by, at=at)
    if batch.state not in (State.READING, State.FAILED):
        return queries.as_view(batch)
    return _worked(batch, pack, path, by=by, at=at)


@transaction.atomic
def _opened(pack: Pack, path: Path, *, until: str, by: Actor, at: datetime) -> Batch:
    body = pack.as_type(SourcePack)
    digest = _dropped.digest(path)
    digest = _once_more(pack.id, digest) if until == digest else digest
    new = {
        "source_hash": pack.hash, "resource": body.resource, "path": str(path.absolute()),
        "state": State.READING, "began_at": at, "until": until,
    }  # fmt: skip
    batch, is_new = Batch.objects.get_or_create(source_id=pack.id, digest=digest, defaults=new)
    if is_new:
        audit.record("ingest.batch.opened", target=f"batch:{batch.pk}", by=by, at=at, detail={"source": pack.id})
    if batch.state in (State.READING, State.FAILED):
        batch.attempts += 1
        batch.state, batch.words, batch.progress, batch.path = State.READING, "", 0, str(path.absolute())
        batch.save(update_fields=["attempts", "state", "words", "progress", "path"])
    return batch


def _worked(batch: Batch, pack: Pack, path: Path, *, by: Actor, at: datetime) -> BatchView:
    source = pack.as_type(SourcePack)
    with TemporaryDirectory(prefix="ingest-", dir=_spool()) as folder:
        work = Path(folder)
        with lakes.connect(memory=MEMORY, paths=[path, work]) as lake:
            try:
                found = _reading.read(lake, source, path, work)
            except CannotRead as wrong:
                return _failed(batch, wrong, by=by, at=at)
            batch.encoding = found.encoding
            _tell(batch, 30)
            drift = _compared(batch, source, lake, found)
            word = "continue" if batch.released else _drift.verdict(drift, source.drift)
            if word != "continue":
                return _stopped(batch, drift, State.HELD if word == "hold" else State.REFUSED, by=by, at=at)
            return _taken(batch, source, lake, found, drift, by=by, at=at)


def _compared(batch: Batch, source: SourcePack, lake: "DuckDBPyConnection", found: _reading.Found) -> Drift:
    before = (
        Batch.objects.filter(source_id=batch.source_id, state=State.TAKEN)
        .exclude(pk=batch.pk)
        .order_by("-ended_at", "-id")
        .values_list("types", flat=True)
        .first()
    )
    columns = _changes.foreign(found.columns, CHANGE_COLUMNS) if source.is_feed else found.columns
    batch.types = _drift.types_of(lake, columns)
    return _drift.compare(source, columns, before or {}, batch.types)


def _taken(
    batch: Batch,
    source: SourcePack,
    lake: "DuckDBPyConnection",
    found: _reading.Found,
    drift: Drift,
    *,
    by: Actor,
    at: datetime,
) -> BatchView:
    into = _taking.Into(batch.pk, batch.resource, source.load == "full", by, at)
    _taking.rename(lake, drift.renamed, drift.missing)
    called = {there: name for name, there in drift.renamed.items()}
    names = [*(called.get(name, name) for name in found.columns), *drift.missing]
    key = source.fetch.key if source.fetch and source.is_feed else ()
    if key:
        _changes.look(lake, key)
        _changes.fill_kept(lake, into, names, key)
    batch.quarantined = _taking.count(lake, "broken")
    # Each change has a place of its own in the log: the same value again is a change, no repeat.
    batch.duplicate = 0 if key else _taking.drop_repeats(lake, into, names)
    batch.taken = _taking.take(lake, into, names, lambda part: _tell(batch, 30 + part // 2))
    emptied = _typed(batch, source, lake, into, key) if source.typed else {}
    batch.reasons = _taking.set_aside(lake, into, names, has_typed=bool(source.typed))
    batch.reasons |= {f"{name}不合格，置空": count for name, count in emptied.items()}
    batch.read = batch.taken + batch.quarantined + batch.duplicate
    return _ended(batch, drift, _taking.shown(lake), is_feed=bool(key), by=by, at=at)


def _typed(
    batch: Batch, source: SourcePack, lake: "DuckDBPyConnection", into: _taking.Into, key: tuple[str, ...]
) -> dict[str, int]:
    """The standard layer of a batch; answers how many cells of which column were emptied."""
    names = [str(column.as_) for column in source.typed]
    gone = _changes.part_living(lake) if key else 0
    emptied = _typing.type_all(lake, source.typed)
    if key:
        batch.standard, batch.unfit = _changes.standardise(lake, into, names, key)
        batch.standard += gone
    else:
        batch.standard, batch.unfit = _taking.standardise(lake, into, names)
    return emptied


@transaction.atomic
def _ended(
    batch: Batch,
    drift: Drift,
    shown: list[tuple[str, int, str, str, str, str]],
    *,
    is_feed: bool,
    by: Actor,
    at: datetime,
) -> BatchView:
    batch.state, batch.progress, batch.ended_at = State.TAKEN, 100, at
    batch.drift = asdict(drift)
    batch.save()
    if is_feed:
        _feeds.moved(batch.source_id, batch.until)
    Quarantined.objects.filter(batch=batch).delete()
    Quarantined.objects.bulk_create(
        Quarantined(
            batch=batch, stage=Stage(stage), line=line, column=column[:100], reason=reason, words=words[:300],
            content=content or "",
        )
        for stage, line, column, reason, words, content in shown
    )  # fmt: skip
    counts = {name: getattr(batch, name) for name in ("read", "taken", "quarantined", "duplicate", "standard", "unfit")}
    audit.record("ingest.batch.taken", target=f"batch:{batch.pk}", by=by, at=at, detail=counts)
    events.publish("ingest.batch.taken", {"batch_id": batch.pk, "resource": batch.resource}, at=at)
    return queries.as_view(batch)


@transaction.atomic
def _stopped(batch: Batch, drift: Drift, state: State, *, by: Actor, at: datetime) -> BatchView:
    batch.state, batch.drift = state, asdict(drift)
    batch.ended_at = at if state is State.REFUSED else None
    batch.save()
    audit.record("ingest.batch.stopped", target=f"batch:{batch.pk}", by=by, at=at, detail={"state": str(state)})
    return queries.as_view(batch)


@transaction.atomic
def _failed(batch: Batch, wrong: CannotRead, *, by: Actor, at: datetime) -> BatchView:
    batch.state, batch.words, batch.ended_at = State.FAILED, f"{wrong.message}{wrong.hint}"[:200], at
    batch.save()
    audit.record("ingest.batch.failed", target=f"batch:{batch.pk}", by=by, at=at)
    return queries.as_view(batch)


def _tell(batch: Batch, progress: int) -> None:
    """Seen by others at once: a run is no transaction."""
    batch.progress = progress
    Batch.objects.filter(pk=batch.pk).update(progress=progress, encoding=batch.encoding)


def _spool() -> Path:
    folder = Path(settings.YIWANG_LAKE) / "work"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
