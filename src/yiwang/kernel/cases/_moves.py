"""What the machine of a flow speaks: where a case stands, and the commands that bring it elsewhere. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from yiwang.kernel.cases.kinds import EffectCall

Tally: TypeAlias = Literal["all", "some", "none"]
How: TypeAlias = Literal["taken", "lapsed", "settled", "returned", "recalled", "automatic"]
_AT = "#"


class NotOpen(Exception):
    """The step is not open."""


class NotOffered(Exception):
    """The step is open and does not offer the choice."""


def place(step: str, instance: str = "") -> str:
    """Where a task stands: its step, and for one of many tasks of a step its instance."""
    return f"{step}{_AT}{instance}" if instance else step


def step_of(name: str) -> str:
    return name.partition(_AT)[0]


def instance_of(name: str) -> str:
    return name.partition(_AT)[2]


@dataclass(frozen=True, slots=True)
class Round:
    """A step of many that was begun: how many were asked, and how many answers count towards its join."""

    among: int
    counted: int = 0


@dataclass(frozen=True, slots=True)
class Marking:
    """Where a case stands: open places, running parallel steps with the branches that arrived, rounds, choices used up."""

    open: frozenset[str] = frozenset()
    forks: Mapping[str, frozenset[str]] = field(default_factory=dict)
    rounds: Mapping[str, Round] = field(default_factory=dict)
    taken: frozenset[str] = frozenset()
    outcome: str = ""
    is_ended: bool = False


@dataclass(frozen=True, slots=True)
class Closed:
    place: str
    how: How
    choice: str = ""


@dataclass(frozen=True, slots=True)
class Cancelled:
    """Open places that are no longer wanted."""

    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Opened:
    step: str


@dataclass(frozen=True, slots=True)
class Convened:
    """Everyone of a list is asked at once."""

    step: str
    instances: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ran:
    """Effects to run, in order."""

    step: str
    choice: str
    effects: tuple[EffectCall, ...]


@dataclass(frozen=True, slots=True)
class Timed:
    """Clocks to start and to stop."""

    starts: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Accepted:
    pass


@dataclass(frozen=True, slots=True)
class Decided:
    outcome: str


@dataclass(frozen=True, slots=True)
class Ended:
    outcome: str


Command: TypeAlias = Closed | Cancelled | Opened | Convened | Ran | Timed | Accepted | Decided | Ended


@dataclass(frozen=True, slots=True)
class Move:
    """The new marking, and what has to be done to get there, in order; which parallel steps and rounds nobody is in any more."""

    marking: Marking
    commands: tuple[Command, ...]
    given_up: frozenset[str] = frozenset()
