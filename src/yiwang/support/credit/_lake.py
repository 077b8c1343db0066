"""Records from a table of the lake: its newest snapshot, in deliveries of a thousand. For workers and the command line."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from yiwang.data.engine import queries as lake
from yiwang.kernel.base.contracts import Actor
from yiwang.support.credit import _taking
from yiwang.support.credit.contracts import NewRecord, RecordKind, Severity, TakenReport

COLUMNS = (
    "number", "kind", "uscc", "title", "decided_on", "authority", "authority_uscc", "document_no", "severity",
    "list_id", "content",
)  # fmt: skip


def take(table: str, by: Actor, *, at: datetime) -> TakenReport:
    """The table's name is the source; columns that it lacks are empty."""
    whole = TakenReport(0, 0, 0)
    with lake.connect() as connection:
        source = lake.mount(connection, table)
        have = {row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()}
        wanted = ", ".join(f'CAST("{name}" AS VARCHAR)' if name in have else "NULL" for name in COLUMNS)
        rows = connection.execute(f"SELECT {wanted} FROM {source} ORDER BY 1")
        while batch := rows.fetchmany(_taking.BATCH_MAX):
            whole = _sum(whole, _delivered(table, batch, by, at))
    return whole


def _delivered(source: str, batch: list[tuple[Any, ...]], by: Actor, at: datetime) -> TakenReport:
    read = {str(row[0] or ""): _record(dict(zip(COLUMNS, row, strict=True))) for row in batch}
    unreadable = {number: "读不了这一行的类别、日期或轻重。" for number, new in read.items() if new is None}
    given = [new for new in read.values() if new is not None]
    told = _taking.take(source, given, by, at=at) if given else TakenReport(0, 0, 0)
    return _sum(TakenReport(0, 0, 0, unreadable), told)


def _record(row: Mapping[str, str | None]) -> NewRecord | None:
    text: dict[str, Any] = {name: row[name] or "" for name in COLUMNS}
    try:
        kind, day = RecordKind(text.pop("kind")), date.fromisoformat(text.pop("decided_on")[:10])
        severity = text.pop("severity")
        return NewRecord(**text, kind=kind, decided_on=day, severity=Severity(severity) if severity else None)
    except ValueError:
        return None


def _sum(one: TakenReport, other: TakenReport) -> TakenReport:
    return TakenReport(
        one.created + other.created,
        one.changed + other.changed,
        one.unchanged + other.unchanged,
        {**one.problems, **other.problems},
    )
