"""What the engine asks of one-things: which sub-cases a filing has, and what a later one takes from an earlier one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import (
    CaseView,
    EffectContext,
    FamilyView,
    Part,
    SlotView,
    register_effect,
    register_plan,
)
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.workdays import queries as workdays
from yiwang.services.applications.contracts import KIND as APPLICATION
from yiwang.services.applications.contracts import Basics
from yiwang.services.journeys import _plan
from yiwang.services.journeys._book import Book, book
from yiwang.services.journeys.contracts import PartPlan, PlanView
from yiwang.services.journeys.kinds import JOURNEY

# Names in a root case's data.
JOURNEY_ID, JOURNEY_HASH = "journey", "journey_hash"


def register() -> None:
    register_plan("journeys.parts", parts, prepare)
    register_effect("journeys.remember", remember)


def parts(case: CaseView) -> list[Part]:
    """One sub-case for each matter of the filing, on the flow and the clock of whoever carries it out."""
    known = filed(case)
    return [_part(known, part, case) for part in known.plan.parts]


def prepare(slot: SlotView, family: FamilyView) -> Mapping[str, Any]:
    """The data of a sub-case once it may begin: what it takes in from the results of the others."""
    known = filed(family.root)
    part = next(each for each in known.plan.parts if each.slot == slot.slot)
    return _data(known, part, _fed(known, part, family))


def remember(context: EffectContext) -> Mapping[str, Any]:
    """Keep what the applicant put right, or what the flow says, among the case's results."""
    return {**context.form, **context.params}


@dataclass(frozen=True, slots=True)
class Filed:
    """What a root case was filed as: the one-thing as its pack stood then, the answers, and what they set going."""

    book: Book
    basics: Basics
    plan: PlanView


def filed(root: CaseView) -> Filed:
    basics = Basics.from_data(cases.data(root.id))
    pack = packs.by_hash(JOURNEY, basics.extra[JOURNEY_ID], basics.extra[JOURNEY_HASH])
    opened = book(pack, packs.current())
    day = workdays.legal_day(root.opened_at)
    return Filed(opened, basics, _plan.plan(opened, basics.answers, region_code=root.region_code, on=day))


def _part(known: Filed, part: PartPlan, case: CaseView) -> Part:
    return Part(
        slot=part.slot,
        title=part.title,
        kind=APPLICATION,
        flow=known.book.part_of(part.slot).matter.flow_id,
        org_id=part.org_id,
        after=part.after,
        subject=part.subject or case.subject,
        data=_data(known, part, {}),
        limits={"statutory": part.statutory, "promised": part.promised},
        region_code=case.region_code,
    )


def _data(known: Filed, part: PartPlan, fed: Mapping[str, Any]) -> dict[str, Any]:
    form = known.book.part_of(part.slot).form
    return Basics(
        matter_id=part.matter_id,
        implementation_id=part.implementation_id,
        on=known.basics.on,
        form_id=form.id,
        form_hash=form.hash,
        answers={**_plan.data_of(known.book, part, known.basics.answers), **fed},
    ).to_data()


def _fed(known: Filed, part: PartPlan, family: FamilyView) -> dict[str, Any]:
    """What earlier parts brought, under the names of this part's form; for the same child, for the family: the first."""
    found: dict[str, Any] = {}
    for need in known.book.part_of(part.slot).part.needs:
        for source in known.plan.parts:
            same_child = part.index is None or source.index in (None, part.index)
            value = family.results.get(source.slot, {}).get(need.key)
            if source.part == need.part and same_child and value is not None:
                found.setdefault(need.to, value)
    return found
