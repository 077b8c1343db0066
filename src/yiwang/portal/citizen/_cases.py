"""One filing on one page: its matters as rows, its documents, materials, certificates and parcels."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import CannotAdvance, CaseView, ChoiceView, EventView, StepBack, TaskKind, TaskView
from yiwang.services.applications import queries as applications
from yiwang.services.applications.contracts import KIND as APPLICATION
from yiwang.services.applications.contracts import (
    PROMISE_CHECK,
    DocumentView,
    MaterialStatus,
    MaterialView,
    PromiseView,
)
from yiwang.services.feedback import queries as feedback
from yiwang.services.feedback.actions import RATED_KINDS
from yiwang.services.feedback.contracts import RatingView
from yiwang.services.journeys import queries as journeys
from yiwang.services.journeys.contracts import KIND as JOURNEY
from yiwang.services.journeys.contracts import Progress
from yiwang.support.delivery import queries as delivery
from yiwang.support.delivery.contracts import DeliveryView
from yiwang.support.licences import queries as licences
from yiwang.support.licences.contracts import LicenceView

FILINGS = frozenset({APPLICATION, JOURNEY})


@dataclass(frozen=True, slots=True)
class Waiting:
    """A step that waits for the applicant, and the number of the case it belongs to."""

    task: TaskView
    number: str
    title: str


@dataclass(frozen=True, slots=True)
class Recallable:
    """A choice of the applicant that nobody has acted on yet, and the number of its case."""

    choice: StepBack
    number: str
    title: str


@dataclass(frozen=True, slots=True)
class Whole:
    """Everything the applicant sees of one filing."""

    root: CaseView
    progress: Progress
    waiting: tuple[Waiting, ...]
    recallable: tuple[Recallable, ...]
    materials: tuple[MaterialView, ...]
    documents: tuple[DocumentView, ...]
    licences: tuple[LicenceView, ...]
    parcels: tuple[DeliveryView, ...]
    ratings: tuple[RatingView, ...]
    answers: tuple[EventView, ...]
    promise: PromiseView | None  # where the case checks one

    @property
    def to_supply(self) -> tuple[MaterialView, ...]:
        """Materials that the applicant still has to hand in."""
        open_ones = {MaterialStatus.FAULTY, MaterialStatus.LACKING, MaterialStatus.GAP}
        return tuple(item for item in self.materials if item.status in open_ones) if self.root.is_open else ()

    @property
    def is_filing(self) -> bool:
        """Whether documents answer it."""
        return self.root.kind in FILINGS

    @property
    def may_rate(self) -> bool:
        return self.root.kind in RATED_KINDS and not self.root.is_open and not self.ratings

    @property
    def may_withdraw(self) -> bool:
        return self.root.is_open and self.root.decided_at is None


def whole(number: str, by: Actor, *, at: datetime) -> Whole:
    """One filing by its number or query code, for its applicant or staff. Raises NoSuchCase, NotYourCase."""
    asked = cases.get(cases.by_number(number).id, by, at=at)
    family = cases.family(asked.root_id, at=at)
    members = [family.root, *(slot.case for slot in family.slots if slot.case)]
    parcels = delivery.of_cases(case.number for case in members)
    return Whole(
        root=family.root,
        progress=journeys.progress(family.root.id, at=at),
        waiting=_waiting(members),
        recallable=_recallable(members, by),
        materials=tuple(applications.materials(family.root)),
        documents=tuple(applications.documents(family.root.id)),
        licences=tuple(view for case in members for view in licences.of_case(case.number)),
        parcels=tuple(parcel for case in members for parcel in parcels.get(case.number, ())),
        ratings=tuple(feedback.of_case(family.root.id)),
        answers=_answers(family.root, members),
        promise=applications.promise_of_check(family.root, at=at) if family.root.kind == PROMISE_CHECK else None,
    )


def _answers(root: CaseView, members: Sequence[CaseView]) -> tuple[EventView, ...]:
    """What was decided and why: all of it where no document answers (an objection, a bad rating), else what none says."""
    if root.kind in FILINGS:
        return tuple(cases.explained(members))
    return tuple(event for event in cases.history(root.id, visible_only=True) if event.grounds)


def _waiting(members: Sequence[CaseView]) -> tuple[Waiting, ...]:
    return tuple(
        Waiting(task, case.number, case.title)
        for case in members
        for task in case.steps_open
        if task.kind == TaskKind.APPLICANT
    )


def _recallable(members: Sequence[CaseView], by: Actor) -> tuple[Recallable, ...]:
    return tuple(
        Recallable(choice, case.number, case.title)
        for case in members
        if case.is_open
        for choice in cases.recallable(case.id, by)
    )


def waiting_of(party_id: int) -> list[Waiting]:
    """Every step that waits for this party, the most urgent first."""
    found = []
    for task in cases.waiting_for_applicant(party_id):
        case = cases.peek(task.case_id)
        found.append(Waiting(task, case.number, case.title))
    return found


def offered(case: CaseView, step: str, choice: str) -> ChoiceView:
    """A choice that this open step offers the applicant. Raises CannotAdvance."""
    for task in case.steps_open:
        for each in task.choices:
            if (task.step, each.code) == (step, choice) and task.kind == TaskKind.APPLICANT:
                return each
    raise CannotAdvance("这一步已经办完。", hint="请刷新后再看。")
