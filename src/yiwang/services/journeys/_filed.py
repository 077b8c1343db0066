"""What a filing set going, kept with it: a later release of packs changes nothing that runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import CaseView
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.workdays.contracts import Limit, Unit
from yiwang.services.applications.contracts import Basics, ReceiptLine, ReceiptParts
from yiwang.services.journeys import _plan
from yiwang.services.journeys._book import Book
from yiwang.services.journeys.contracts import PartPlan, PlanView
from yiwang.services.journeys.kinds import JOURNEY

# Names in a root case's data.
JOURNEY_ID, JOURNEY_HASH, PARTS = "journey", "journey_hash", "parts"


@dataclass(frozen=True, slots=True)
class Feed:
    """A result of one part that another takes in under `to`."""

    part: str
    key: str
    to: str


@dataclass(frozen=True, slots=True)
class FiledPart:
    """One part with all the engine needs to open it, on whatever day its turn comes."""

    plan: PartPlan
    flow_id: str
    form_id: str
    form_hash: str
    answers: dict[str, Any]
    feeds: tuple[Feed, ...]


@dataclass(frozen=True, slots=True)
class Filed:
    """A root case as it was filed."""

    journey_id: str
    basics: Basics
    parts: tuple[FiledPart, ...]

    @property
    def promised_days(self) -> int:
        return max((part.plan.ends_on_day for part in self.parts), default=0)


_parts = TypeAdapter(tuple[FiledPart, ...])


def keep(book: Book, plan: PlanView, answers: Mapping[str, Any]) -> dict[str, Any]:
    """What goes into the root case's data beside the answers."""
    parts = tuple(_part(book, part, answers) for part in plan.parts)
    return {
        JOURNEY_ID: book.pack.id,
        JOURNEY_HASH: book.pack.hash,
        PARTS: _parts.dump_python(parts, mode="json"),
    }


def of_case(case_id: int) -> Filed:
    basics = Basics.from_data(cases.data(case_id))
    return Filed(basics.extra[JOURNEY_ID], basics, _parts.validate_python(basics.extra[PARTS]))


def receipt(case: CaseView) -> ReceiptParts:
    """What stands on the receipt of a one-thing: its parts, and the promise for the whole."""
    filed = of_case(case.id)
    lines = tuple(ReceiptLine(part.plan.title, part.plan.subject, part.plan.title_en) for part in filed.parts)
    pack = packs.find(JOURNEY, filed.journey_id)
    title = pack.title.en if pack else ""
    return ReceiptParts(lines, Limit(filed.promised_days, Unit.WORKDAY), title)


def _part(book: Book, part: PartPlan, answers: Mapping[str, Any]) -> FiledPart:
    origin = book.part_of(part.slot)
    return FiledPart(
        plan=part,
        flow_id=origin.matter.flow_id,
        form_id=origin.form.id,
        form_hash=origin.form.hash,
        answers=_plan.data_of(book, part, answers),
        feeds=tuple(Feed(need.part, need.key, need.to) for need in origin.part.needs),
    )
