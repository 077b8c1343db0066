"""What a bench of whole processes is given: an installation of its own that it may fill and load."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

Tell = Callable[[str], None]
Figures = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Installation:
    """A running `yiwang up` in a folder of its own; `superuser` connects to its database past all rights."""

    url: str
    home: Path
    up_pid: int
    postgres_pid: int
    superuser: Callable[[], "psycopg.Connection[tuple[Any, ...]]"]


@dataclass(frozen=True, slots=True)
class Effort:
    """How often things are done: rounds of which the least and the median are told, and how many in each."""

    rounds: int = 5
    each: int = 40
    pure: int = 200_000
    clients: int = 250


@dataclass(frozen=True, slots=True)
class TrustEffort:
    """Calls of a round, rounds of which the best is told, licences of a batch."""

    each: int = 1000
    rounds: int = 3
    lines: int = 20_000
