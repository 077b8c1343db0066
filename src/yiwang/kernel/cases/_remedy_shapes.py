"""What can be taken back, gone back to or put right in a case, as other apps see it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class StepBack:
    """A step one may go back to, or a choice one may take back: at `step`, last taken by `by_id`."""

    step: str
    name: str
    instance: str = ""
    choice_name: str = ""
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class CorrectionWay:
    """How the flow of a case lets its decision be put right; with `to` it is decided anew at that step."""

    code: str
    name: str
    words: str
    basis: str
    to: str


@dataclass(frozen=True, slots=True)
class CorrectionView:
    """A decision that was put right: what it was and when, what took its place, and why."""

    id: int
    code: str
    name: str
    outcome_before: str
    decided_before_at: datetime
    outcome: str
    reason: str
    by_id: int | None
    corrected_at: datetime


@dataclass(frozen=True, slots=True)
class MigrationLine:
    """A running case that moved to another version of its flow, or why it cannot."""

    case_id: int
    number: str
    from_version: int
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MigrationReport:
    flow: str
    to: int
    moved: tuple[MigrationLine, ...]
    stays: tuple[MigrationLine, ...]
    is_dry: bool
