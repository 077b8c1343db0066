"""Runs of transformations and the lineage of columns as other apps see them. No Django."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from yiwang.kernel.base.contracts import Conflict, Denied, Invalid, NotFound

RUN, VIEW = "transform.run", "transform.view"
PERMISSIONS = {RUN: "执行治理加工", VIEW: "查看治理加工和血缘"}


class State(StrEnum):
    """`dropped`: interrupted, and what it was reading is no longer there or no longer meant."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    DROPPED = "dropped"

    @property
    def label(self) -> str:
        return {"running": "执行中", "done": "完成", "failed": "失败", "dropped": "已放弃"}[self]

    @property
    def tone(self) -> str:
        return {"running": "brand", "done": "green", "failed": "red", "dropped": ""}[self]


class Way(StrEnum):
    """How much was read: everything, what is new and added, or the keys that what is new speaks of."""

    FULL = "full"
    APPEND = "append"
    KEYS = "keys"

    @property
    def label(self) -> str:
        return {"full": "全量", "append": "只加新增", "keys": "只重算有变化的键"}[self]


class Relation(StrEnum):
    """How a column comes of another. The first three are direct, the rest decide which rows there are (OpenLineage's words)."""

    IDENTITY = "identity"
    TRANSFORMATION = "transformation"
    AGGREGATION = "aggregation"
    JOIN = "join"
    FILTER = "filter"
    GROUP_BY = "group_by"

    @property
    def label(self) -> str:
        return {
            "identity": "原样", "transformation": "计算", "aggregation": "汇总", "join": "用来连接",
            "filter": "用来筛选", "group_by": "用来分组",
        }[self]  # fmt: skip

    @property
    def is_direct(self) -> bool:
        return self in (Relation.IDENTITY, Relation.TRANSFORMATION, Relation.AGGREGATION)


class NoSuchTransformation(NotFound):
    code = "transform.no-such-transformation"


class NoSuchRun(NotFound):
    code = "transform.no-such-run"


class NoLineage(NotFound):
    """No table of this name, or no such column in it."""

    code = "transform.no-lineage"


class BadSql(Invalid):
    """A text that is more than one SELECT over the declared inputs."""

    code = "transform.bad-sql"


class CannotRun(Conflict):
    """An input is empty, or somebody is at it."""

    code = "transform.cannot-run"


class NotForThisPost(Denied):
    code = "transform.not-for-this-post"


@dataclass(frozen=True, slots=True)
class TransformationView:
    """A transformation of the packs in force; `inputs` are tables by the name that its SQL gives them."""

    id: str
    title: str
    table: str
    inputs: Mapping[str, str]
    is_incremental: bool


@dataclass(frozen=True, slots=True)
class RunView:
    """One run: what it read (table to snapshot number), how, and the snapshot it made."""

    id: int
    transformation_id: str
    table: str
    state: State
    way: Way
    inputs: Mapping[str, int]
    snapshot: int | None
    rows: int
    words: str
    attempts: int
    began_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Spot:
    """A column of a table; without `column` the table as a whole."""

    table: str
    column: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """`to` comes of `source` through a transformation or a source of ingest (`via`). An indirect edge goes to the whole table."""

    source: Spot
    to: Spot
    relation: Relation
    via: str


@dataclass(frozen=True, slots=True)
class Lineage:
    """Where a table, or one column of it, comes from and what is made of it: edges in no order of meaning."""

    spot: Spot
    edges: tuple[Edge, ...]
    is_cut: bool = False
