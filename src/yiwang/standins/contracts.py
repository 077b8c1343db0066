"""The words between the generic office and the single systems."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from .moods import Chance, Moods

Fields = dict[str, Any]


class Books(Protocol):
    """A system's own books: small records by drawer and key, in its own database file."""

    def put(self, drawer: str, key: str, value: Fields) -> None: ...
    def get(self, drawer: str, key: str) -> Fields | None: ...
    def count(self, drawer: str) -> int: ...
    def next_number(self, series: str) -> int: ...


class Rejected(Exception):
    """Turned away at the counter: the message is not taken in."""

    def __init__(self, status: int, code: str, sentence: str, retry_after: int | None = None) -> None:
        super().__init__(code)
        self.status, self.code, self.sentence, self.retry_after = status, code, sentence, retry_after


@dataclass(frozen=True)
class Item:
    """One thing being handled; `turn` counts how often the same reference came back after it was returned."""

    reference: str
    turn: int
    receipt: str
    subject: str
    fields: Fields
    stage: str


@dataclass(frozen=True)
class Answer:
    kind: str  # accepted | progress | result | failed
    payload: Fields = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """What one piece of work brought: perhaps an answer, perhaps a next stage after some minutes."""

    answer: Answer | None
    next_stage: str = ""
    after_minutes: float = 0


@dataclass(frozen=True)
class Desk:
    """What a system sees while it works on an item."""

    books: Books
    chance: Chance
    moods: Moods
    now: datetime


Receive = Callable[[Desk, Item], None]
Work = Callable[[Desk, Item], Step]


@dataclass(frozen=True)
class System:
    id: str
    title: str
    subjects: Mapping[str, float]  # subject → minutes until it is first looked at
    receive: Receive
    work: Work


def result(outcome: str, **payload: Any) -> Answer:
    return Answer("result", {"outcome": outcome, **payload})


def refused(code: str, sentence: str, outcome: str = "refused") -> Step:
    return Step(Answer("result", {"outcome": outcome, "code": code, "sentence": sentence}))


def need(fields: Fields, *names: str) -> None:
    """Turns a message away that lacks what the system cannot work without."""
    missing = [name for name in names if not fields.get(name)]
    if missing:
        raise Rejected(422, "message.incomplete", "报文缺少必填项:" + "、".join(missing))
