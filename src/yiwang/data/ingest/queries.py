"""Reading sources, batches and what was set aside; everything from PostgreSQL but `set_aside`, which is for commands."""

from collections.abc import Iterator
from typing import Any

from yiwang.data.engine import queries as lakes
from yiwang.data.ingest._taking import quarantine_table, raw_table, standard_table
from yiwang.data.ingest._typing import types_of
from yiwang.data.ingest.contracts import (
    BatchView,
    Column,
    Drift,
    NoSuchBatch,
    NoSuchSource,
    QuarantineView,
    SourceView,
    Stage,
    State,
)
from yiwang.data.ingest.kinds import SOURCE, SourcePack
from yiwang.data.ingest.models import Batch, Quarantined
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


def batches(*, source_id: str = "", cursor: str | None = None, size: int = 20) -> Page[BatchView]:
    """Batches, the newest first; of one source when it is named."""
    rows = Batch.objects.filter(source_id=source_id) if source_id else Batch.objects.all()
    return keyset(rows, order=("-began_at", "-id"), cursor=cursor, size=size).map(as_view)


def quarantine(batch_id: int, cursor: str | None = None, *, size: int = 50) -> Page[QuarantineView]:
    """The first thousand rows of a batch that were set aside, in order of their lines."""
    rows = Quarantined.objects.filter(batch=batch_id)
    return keyset(rows, order=("line", "id"), cursor=cursor, size=size).map(_as_quarantined)


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
    return SourceView(pack.id, str(pack.title), body.resource, body.format, len(body.columns), bool(body.typed))


def _as_quarantined(row: Quarantined) -> QuarantineView:
    return QuarantineView(
        row.pk, row.batch_id, Stage(row.stage), row.line, row.column, row.reason, row.words, row.content
    )
