"""Batches, what was set aside and what drifted, as other apps see them. No Django."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from yiwang.kernel.base.contracts import Conflict, Denied, Invalid, NotFound, Unavailable

SOURCE = "Source"  # the pack kind


RUN, VIEW = "ingest.run", "ingest.view"
PERMISSIONS = {RUN: "汇聚数据、处理列的变化", VIEW: "查看汇聚批次和隔离的数据"}


class Format(StrEnum):
    CSV = "csv"
    EXCEL = "excel"
    JSON = "json"
    FIXED = "fixed"


class Reach(StrEnum):
    """How a source that does not bring its deliveries is asked for them."""

    HTTP = "http"
    POSTGRESQL = "postgresql"
    POSTGRESQL_CHANGES = "postgresql-changes"
    MYSQL = "mysql"

    @property
    def label(self) -> str:
        return _REACHES[self]


_REACHES: Mapping[Reach, str] = {
    Reach.HTTP: "HTTP接口", Reach.POSTGRESQL: "PostgreSQL表", Reach.POSTGRESQL_CHANGES: "PostgreSQL表的变化", Reach.MYSQL: "MySQL表",
}  # fmt: skip


class State(StrEnum):
    """A batch is `held` when its columns drifted further than the source allows: a person lets it go on or refuses it."""

    READING = "reading"
    HELD = "held"
    REFUSED = "refused"
    FAILED = "failed"
    TAKEN = "taken"

    @property
    def label(self) -> str:
        return {"reading": "读取中", "held": "等待处理", "refused": "已退回", "failed": "失败", "taken": "已汇聚"}[self]

    @property
    def tone(self) -> str:
        return {"reading": "brand", "held": "amber", "refused": "", "failed": "red", "taken": "green"}[self]


class Stage(StrEnum):
    """Where a row was set aside: as it was read, or as it was to become typed values."""

    READ = "read"
    STANDARD = "standard"


class NoSuchSource(NotFound):
    code = "ingest.no-such-source"


class NoSuchBatch(NotFound):
    code = "ingest.no-such-batch"


class CannotRead(Invalid):
    """A file that cannot be read at all, or is not safe to open."""

    code = "ingest.cannot-read"


class CannotFetch(Unavailable):
    """A source that cannot be asked now, or does not answer as it declares."""

    code = "ingest.cannot-fetch"


class NotForThisPost(Denied):
    code = "ingest.not-for-this-post"


class CannotDecide(Conflict):
    """A batch that waits for nobody's word."""

    code = "ingest.cannot-decide"


@dataclass(frozen=True, slots=True)
class Drift:
    """How found columns differ from those the source declares, or from the batch before."""

    new: Sequence[str] = ()
    missing: Sequence[str] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)  # declared name: found name
    retyped: Mapping[str, str] = field(default_factory=dict)  # name: "integer → text"

    def __bool__(self) -> bool:
        return bool(self.new or self.missing or self.renamed or self.retyped)


@dataclass(frozen=True, slots=True)
class SourceView:
    id: str
    title: str
    resource: str
    format: Format
    columns: int
    standard: bool
    reach: Reach | None = None
    every: int = 0
    watermark: str = ""


@dataclass(frozen=True, slots=True)
class FeedView:
    """How far the changes of a source have been taken in: the place in its log, and how many bytes of log it kept for us then."""

    source_id: str
    position: str
    behind: int
    looked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a source: what files call it, and where it goes on; `standard` is empty where it stays in the raw layer."""

    source_id: str
    resource: str
    name: str
    raw_table: str
    standard_table: str
    standard: str


@dataclass(frozen=True, slots=True)
class DeclaredColumn:
    """A column as a source declares it, for who makes deliveries; `meaning` is what the source's own way of writing means."""

    name: str
    element: str
    is_demanded: bool
    meaning: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Declared:
    """What a source takes: its resource and columns, and whether a delivery adds to those before."""

    resource: str
    adds: bool
    columns: Sequence[DeclaredColumn]


@dataclass(frozen=True, slots=True)
class BatchView:
    """One delivery of a source. `read` is `taken` and `quarantined` and `duplicate`; of the taken, `standard` became typed and `unfit` did not."""

    id: int
    source_id: str
    resource: str
    origin: str
    state: State
    encoding: str
    read: int
    taken: int
    quarantined: int
    duplicate: int
    standard: int
    unfit: int
    progress: int
    reasons: Mapping[str, int]
    drift: Drift
    words: str
    attempts: int
    began_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class QuarantineView:
    """A row that was set aside: where, why, and as it was found."""

    id: int
    batch_id: int
    stage: Stage
    line: int
    column: str
    reason: str
    words: str
    content: str


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source beside the resource of the catalogue that it fills, its provider and its newest batch."""

    source: SourceView
    resource_title: str
    org_id: int | None
    org_name: str
    last: BatchView | None = None
    feed: FeedView | None = None
