"""What the desk shows of one case. No Django."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from yiwang.governance.incidents.contracts import IncidentView
from yiwang.kernel.cases.contracts import (
    CaseView,
    ClockView,
    CorrectionView,
    CorrectionWay,
    EventView,
    Lamp,
    RoundView,
    StepBack,
    TaskView,
)
from yiwang.kernel.forms.contracts import Difference, SummaryGroup
from yiwang.kernel.people.contracts import AccountView
from yiwang.office.supervision.contracts import CardView
from yiwang.services.applications.contracts import DocumentView, MaterialView, PromiseView
from yiwang.services.hotline.contracts import Panel
from yiwang.services.journeys.contracts import Progress
from yiwang.support.licences.contracts import LicenceView


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a clock bar in per mille of its width; `kind` is counted, paused, left or over."""

    kind: str
    start: int
    width: int


@dataclass(frozen=True, slots=True)
class ClockBar:
    """One time limit drawn: what is over, what was not counted, what is left."""

    clock: ClockView
    segments: tuple[Segment, ...]
    due_mark: int


@dataclass(frozen=True, slots=True)
class Branch:
    """One case of a family, `depth` below its root."""

    depth: int
    case: CaseView
    kind: str
    unit: str
    steps: str
    lamp: Lamp
    due_at: datetime | None

    @property
    def indent(self) -> str:
        return "　" * (self.depth - 1) + "└ " if self.depth else ""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """An open step that is not the reader's: which unit and post it waits for, and who signed for it."""

    task: TaskView
    unit: str
    post: str
    holder: str


@dataclass(frozen=True, slots=True)
class DeskCase:
    """One case as its handler sees it."""

    case: CaseView
    applicant_name: str
    applicant_id_number: str
    applicant_phone: str
    agent_name: str
    groups: tuple[SummaryGroup, ...]
    differences: Mapping[str, Difference]
    materials: tuple[MaterialView, ...]
    documents: tuple[DocumentView, ...]
    licences: tuple[LicenceView, ...]
    bars: tuple[ClockBar, ...]
    extendable: tuple[ClockView, ...]
    mine: tuple[TaskView, ...]
    others: tuple[Elsewhere, ...]
    history: tuple[EventView, ...]
    names: Mapping[int, str]
    org_name: str
    rounds: tuple[RoundView, ...] = ()
    recallable: tuple[StepBack, ...] = ()
    returns: Mapping[int, tuple[StepBack, ...]] = field(default_factory=dict)
    receivers: tuple[tuple[TaskView, Sequence[AccountView]], ...] = ()  # tasks the reader may hand over, and to whom
    may_end: bool = False
    reopenings: tuple[StepBack, ...] = ()
    correction_ways: tuple[CorrectionWay, ...] = ()
    corrections: tuple[CorrectionView, ...] = ()
    progress: Progress | None = None
    promise: PromiseView | None = None  # where the case checks one
    card: CardView | None = None
    cards: tuple[CardView, ...] = ()
    may_give_cards: bool = False
    ticket: Panel | None = None  # where the case is a hotline ticket or help with one
    family: tuple[Branch, ...] = ()
    incident: IncidentView | None = None
