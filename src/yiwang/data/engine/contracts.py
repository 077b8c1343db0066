"""Tables of the lake and their snapshots as other apps see them. No Django."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from yiwang.kernel.base.contracts import Conflict, Invalid, NotFound, Unavailable

Mode = Literal["append", "replace"]


class Layer(StrEnum):
    """How far the data of a table has come."""

    RAW = "raw"  # 原始层: as found, all text
    STANDARD = "standard"  # 标准层: typed by data elements
    REGISTRY = "registry"  # 基础库层
    TOPIC = "topic"  # 主题层


COMPACTION = "lake.compact"


class Change(StrEnum):
    """What became of rows between two snapshots: nothing, some were added, or they may all be others."""

    SAME = "same"
    ADDED = "added"
    REPLACED = "replaced"


class NoSuchTable(NotFound):
    code = "lake.no-such-table"


class NoSuchSnapshot(NotFound):
    """Never made, or expired."""

    code = "lake.no-such-snapshot"


class BadTable(Invalid):
    """A name, layer or source that cannot become a table."""

    code = "lake.bad-table"


class CannotQuery(Invalid):
    """Not one SELECT, or one that DuckDB refuses."""

    code = "lake.cannot-query"


class CannotOpen(Invalid):
    """A workbook that cannot be opened, or is not safe to open."""

    code = "lake.cannot-open"


class SchemaDrifted(Conflict):
    """What is to be appended has other columns than the table."""

    code = "lake.schema-drifted"


class Superseded(Conflict):
    """The table has moved on since the snapshot that the writer read."""

    code = "lake.superseded"


class LakeBusy(Unavailable):
    """A backup is being made: nothing may be removed now."""

    code = "lake.busy"


@dataclass(frozen=True, slots=True)
class Column:
    """A column; `type` is DuckDB's word for it."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class TableRef:
    name: str
    layer: Layer


@dataclass(frozen=True, slots=True)
class SnapshotRef:
    """One whole state of a table; `made_by` says which kind of work made it."""

    table: str
    number: int
    rows: int
    columns: tuple[Column, ...]
    key: str
    made_by: str
    created_at: datetime
    files: int = 0


@dataclass(frozen=True, slots=True)
class TableView:
    """A table with its newest snapshot; `number` is 0 while there is none."""

    name: str
    layer: Layer
    number: int
    rows: int
    files: int
    size_bytes: int
    columns: tuple[Column, ...]
    changed_at: datetime | None


@dataclass(frozen=True, slots=True)
class ExpiryReport:
    """What `expire` removed: snapshots that can no longer be read, files of theirs, and files nobody had listed."""

    snapshots: int
    files: int
    strays: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What a question to the lake came to; `is_cut` when there were more rows."""

    columns: tuple[Column, ...]
    rows: Sequence[tuple[Any, ...]]
    is_cut: bool
