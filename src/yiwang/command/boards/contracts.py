"""A board as pages and the API show it. No Django."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from yiwang.kernel.base.contracts import NotFound
from yiwang.kernel.cases.contracts import DayCount, Funnel, KindCount


class NoBoard(NotFound):
    """The packs in force describe no board."""

    code = "boards.none"


class Tone(StrEnum):
    """How a figure stands; `absent` is grey and never a nought."""

    PLAIN = "plain"
    GOOD = "good"
    BAD = "bad"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Note:
    """What stands behind a figure: what it counts, over which days, from where, and who answers for it."""

    title: str
    meaning: str
    period: str
    source: str
    owner: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure, said as text; `beside` is what to compare it with."""

    key: str
    value: str
    unit: str
    beside: str
    tone: Tone
    note: Note


@dataclass(frozen=True, slots=True)
class RedUnit:
    """A unit with overdue steps, and the one that waits longest."""

    org_id: int
    name: str
    phone: str
    count: int
    since: datetime
    case_number: str
    case_title: str
    step_name: str
    who: str
    is_signed: bool


@dataclass(frozen=True, slots=True)
class LevelCount:
    level: int
    name: str
    count: int
    is_bad: bool


@dataclass(frozen=True, slots=True)
class BadRatingRow:
    """A bad rating that waits for its answer."""

    org_name: str
    phone: str
    level_name: str
    case_title: str
    follow_up_number: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Ratings:
    levels: tuple[LevelCount, ...]
    silent: int
    excluded: int
    satisfied_percent: int | None
    bad: int
    answered: int
    unanswered: tuple[BadRatingRow, ...]

    @property
    def rated(self) -> int:
        return sum(level.count for level in self.levels)


@dataclass(frozen=True, slots=True)
class Net:
    """Another net: what came in and was finished in the period, what runs and is late now; `count` None where nothing is known."""

    title: str
    kind: str
    count: KindCount | None
    source: str
    owner: str


@dataclass(frozen=True, slots=True)
class Board:
    """Everything on the page; `cut_off` is the moment up to which it counts."""

    title: str
    scope: str
    sentence: str
    is_red: bool
    cut_off: datetime
    since: date
    until: date
    figures: tuple[Figure, ...]
    red_units: tuple[RedUnit, ...]
    ratings: Ratings
    funnel: Funnel
    trend: tuple[DayCount, ...]
    funnel_note: Note
    trend_note: Note
    satisfied_note: Note
    overdue_note: Note
    nets: tuple[Net, ...]
    awaited: tuple[str, ...]
