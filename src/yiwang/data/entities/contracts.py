"""What crosses the boundary of entities: runs, pairs to judge, entities with where each value is from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from yiwang.kernel.base.contracts import Invalid, NotFound

RUN, VIEW, JUDGE = "entities.run", "entities.view", "entities.judge"
PERMISSIONS = {RUN: "归一实体", VIEW: "查看实体归一", JUDGE: "判断两条记录是不是同一个"}
ROLES: Mapping[str, tuple[str, ...]] = {
    "person": ("name", "sex", "born_on", "id_number", "phone", "address"),
    "firm": ("name", "code", "leader", "phone", "address"),
}


class Verdict(StrEnum):
    """What a person said of a pair; TAKEN is the model's own answer, WAITING is asked of a person."""

    WAITING = "waiting"
    TAKEN = "taken"
    SAME = "same"
    DIFFERENT = "different"
    LATER = "later"


class NoSuchModel(NotFound):
    code = "entities.no-such-model"


class NoSuchPair(NotFound):
    code = "entities.no-such-pair"


class NothingToResolve(Invalid):
    code = "entities.nothing-to-resolve"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One comparison of a pair: which level holds and how many bits it weighs for (or against) being the same."""

    way: str
    title: str
    level: str
    bits: float


@dataclass(frozen=True, slots=True)
class RunView:
    """`waiting` pairs are for people, `left_out` are taken pairs beyond what is kept to be opened."""

    id: int
    model: str
    records: int
    entities: int
    pairs: int
    merged: int
    split: int
    waiting: int
    left_out: int
    ran_at: datetime


@dataclass(frozen=True, slots=True)
class PairView:
    """Two records; values are masked unless the pair was opened for a purpose."""

    id: int
    model: str
    bits: float
    verdict: Verdict
    sources: tuple[str, str]
    values: tuple[tuple[str, str, str], ...]
    evidence: tuple[Evidence, ...]
    judged_at: datetime | None


@dataclass(frozen=True, slots=True)
class SurvivingValue:
    role: str
    value: str
    source: str
    seen_on: str


@dataclass(frozen=True, slots=True)
class EntityView:
    """An entity with its records (source and key) and each surviving value with where and when it is from."""

    id: int
    model: str
    members: tuple[tuple[str, str], ...]
    values: tuple[SurvivingValue, ...]


@dataclass(frozen=True, slots=True)
class ChangeView:
    """What became of an entity's number: merged into another, or records of it left for others."""

    kind: str
    entity: int
    others: tuple[int, ...]
    at: datetime
