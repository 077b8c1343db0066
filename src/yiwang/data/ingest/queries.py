"""Reading sources, batches and what was set aside; everything from PostgreSQL but `set_aside`, which is for commands."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any

from django.db.models import QuerySet

from yiwang.data.engine import queries as lakes
from yiwang.data.ingest import _feeds, _seen
from yiwang.data.ingest._sheets import rows as rows
from yiwang.data.ingest._taking import quarantine_table, raw_table, standard_table
from yiwang.data.ingest._typing import notations, types_of
from yiwang.data.ingest.contracts import (
    RUN,
    BatchView,
    Column,
    Declared,
    DeclaredColumn,
    Drift,
    FeedView,
    Format,
    NoSuchBatch,
    NoSuchSource,
    NotForThisPost,
    QuarantineView,
    SourceRow,
    SourceView,
    Stage,
    State,
)
from yiwang.data.ingest.kinds import SOURCE, SourcePack
from yiwang.data.ingest.models import Batch, Quarantined
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.paging import Page, keyset
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.packs.contracts import Pack

_PIECE = 1000


def sources() -> list[SourceView]:
    """Every source of the packs in force, by id."""
    return [_as_source(pack) for pack in packs.all_of(SOURCE)]


def source(source_id: str) -> Pack:
    """A source's pack. Raises NoSuchSource."""
    pack = packs.find(SOURCE, source_id)
    if pack is None:
        raise NoSuchSource(f"没有数据源“{source_id}”。", hint="yiwang ingest list 列出所有数据源。")
    return pack


def declared_tables(pack: Pack) -> dict[str, dict[str, str]]:
    """The tables that a source fills, with columns and types; without those whose columns it leaves to the file."""
    body = pack.as_type(SourcePack)
    if not body.columns:
        return {}
    own = {"_batch": "BIGINT", "_line": "BIGINT"}
    found = {raw_table(body.resource): own | {column.name: "VARCHAR" for column in body.columns}}
    if body.typed:
        found[standard_table(body.resource)] = own | types_of(body.typed)
    return found


def declared(pack: Pack) -> Declared:
    """What a source takes, for who makes deliveries of it; only a CSV that adds to what was delivered before `adds`."""
    body = pack.as_type(SourcePack)
    listed = [DeclaredColumn(each.name, each.element or "", each.required, notations(each)) for each in body.columns]
    return Declared(body.resource, body.load == "changes" and body.format is Format.CSV and body.fetch is None, listed)


def columns() -> list[Column]:
    """Every column that sources of the packs in force declare, and where it goes."""
    found = []
    for pack in packs.all_of(SOURCE):
        body = pack.as_type(SourcePack)
        raw, standard = raw_table(body.resource), standard_table(body.resource)
        found += [
            Column(pack.id, body.resource, each.name, raw, standard, str(each.as_ or "")) for each in body.columns
        ]
    return found


def batch(batch_id: int) -> BatchView:
    """A batch. Raises NoSuchBatch."""
    return as_view(row(batch_id))


def row(batch_id: int) -> Batch:
    found = Batch.objects.filter(pk=batch_id).first()
    if found is None:
        raise NoSuchBatch("没有这一批。", hint="请核对批次号。")
    return found


def watermark(source_id: str) -> str:
    """How far a source that we ask has been taken in; empty before the first time."""
    taken = Batch.objects.filter(source_id=source_id, state=State.TAKEN).order_by("-ended_at", "-id")
    return taken.values_list("until", flat=True).first() or ""


def feeds(source_ids: Collection[str]) -> dict[str, FeedView]:
    """How far the sources have been followed whose changes we take in, by id."""
    return _feeds.views(source_ids)


def batches(*, source_id: str = "", cursor: str | None = None, size: int = 20) -> Page[BatchView]:
    """Batches, the newest first; of one source when it is named."""
    rows = Batch.objects.filter(source_id=source_id) if source_id else Batch.objects.all()
    return keyset(rows, order=("-began_at", "-id"), cursor=cursor, size=size).map(as_view)


def quarantine(batch_id: int, cursor: str | None = None, *, size: int = 50) -> Page[QuarantineView]:
    """The first thousand rows of a batch that were set aside, in order of their lines."""
    rows = Quarantined.objects.filter(batch=batch_id)
    return keyset(rows, order=("line", "id"), cursor=cursor, size=size).map(_as_quarantined)


def sources_seen(by: Actor) -> list[SourceRow]:
    """Sources of the units that `by` sees, each with its newest batch."""
    rows = _seen.sources(sources(), by)
    newest, told = _seen.newest(list(rows)), feeds(list(rows))
    return [
        replace(row, last=as_view(newest[name]) if name in newest else None, feed=told.get(name))
        for name, row in rows.items()
    ]


def source_row(source_id: str, by: Actor) -> SourceRow | None:
    """One of them; None for a source that the packs no longer have."""
    return _seen.sources([each for each in sources() if each.id == source_id], by).get(source_id)


def batches_seen(by: Actor, *, source_id: str = "", cursor: str | None = None, size: int = 20) -> Page[BatchView]:
    """Batches of sources that `by` sees, the newest first."""
    rows = _batches_seen(by)
    rows = rows.filter(source_id=source_id) if source_id else rows
    return keyset(rows, order=("-began_at", "-id"), cursor=cursor, size=size).map(as_view)


def batch_seen(batch_id: int, by: Actor) -> BatchView:
    """A batch that `by` sees. Raises NoSuchBatch."""
    found = _batches_seen(by).filter(pk=batch_id).first()
    if found is None:
        raise NoSuchBatch("没有这一批，或您不能查看。", hint="请从数据汇聚的列表打开。")
    return as_view(found)


def held(by: Actor) -> list[BatchView]:
    """Batches that wait for a word about their columns, the oldest first, the first hundred."""
    return [as_view(row) for row in _batches_seen(by).filter(state=State.HELD).order_by("began_at", "id")[:100]]


def count_held(by: Actor) -> int:
    """For the rail, which is on every page: one query while nothing is held anywhere."""
    if not Batch.objects.filter(state=State.HELD).exists():
        return 0
    return _batches_seen(by).filter(state=State.HELD).count()


def may_decide(found: BatchView, by: Actor) -> bool:
    try:
        _seen.require(found.resource, RUN, by)
    except NotForThisPost:
        return False
    return True


def quarantine_seen(batch_id: int, by: Actor, cursor: str | None = None, *, size: int = 50) -> Page[QuarantineView]:
    """As `quarantine`, masked, for who sees the batch. Raises NoSuchBatch."""
    batch_seen(batch_id, by)
    return quarantine(batch_id, cursor, size=size).map(lambda row: replace(row, content=_seen.masked(row.content)))


def _batches_seen(by: Actor) -> QuerySet[Batch]:
    return Batch.objects.filter(source_id__in=list(_seen.sources(sources(), by)))


def set_aside(batch_id: int) -> Iterator[tuple[Any, ...]]:
    """Every row of a batch that was set aside: stage, line, column, reason, words, content. Reads the lake. Raises NoSuchBatch."""
    table = quarantine_table(row(batch_id).resource)
    if not lakes.find_table(table) or not lakes.current(table):
        return
    with lakes.connect() as lake:
        relation = lakes.mount(lake, table)
        answer = lake.execute(
            f'SELECT stage, _line, "column", reason, words, content FROM {relation} WHERE _batch = {int(batch_id)} ORDER BY _line, stage'
        )
        while rows := answer.fetchmany(_PIECE):
            yield from rows


def as_view(row: Batch) -> BatchView:
    return BatchView(
        id=row.pk, source_id=row.source_id, resource=row.resource, origin=str(row.path).rsplit("/", 1)[-1],
        state=State(row.state), encoding=row.encoding, read=row.read, taken=row.taken, quarantined=row.quarantined,
        duplicate=row.duplicate, standard=row.standard, unfit=row.unfit, progress=row.progress, reasons=row.reasons,
        drift=_drift(row.drift), words=row.words, attempts=row.attempts, began_at=row.began_at, ended_at=row.ended_at,
    )  # fmt: skip


def _drift(stored: dict[str, Any]) -> Drift:
    return Drift(
        tuple(stored.get("new", ())),
        tuple(stored.get("missing", ())),
        stored.get("renamed", {}),
        stored.get("retyped", {}),
    )


def _as_source(pack: Pack) -> SourceView:
    body = pack.as_type(SourcePack)
    view = SourceView(pack.id, str(pack.title), body.resource, body.format, len(body.columns), bool(body.typed))
    if body.fetch is None:
        return view
    return replace(view, reach=body.fetch.reach, every=body.fetch.every, watermark=body.fetch.watermark or "")


def _as_quarantined(row: Quarantined) -> QuarantineView:
    return QuarantineView(
        row.pk, row.batch_id, Stage(row.stage), row.line, row.column, row.reason, row.words, row.content
    )
