"""What the engine asks of one-things: which sub-cases a filing has, and what a later one takes from an earlier one."""

from collections.abc import Mapping
from typing import Any

from yiwang.kernel.cases.contracts import (
    CaseView,
    EffectContext,
    FamilyView,
    Part,
    SlotView,
    register_effect,
    register_plan,
)
from yiwang.services.applications.contracts import KIND as APPLICATION
from yiwang.services.applications.contracts import Basics
from yiwang.services.journeys import _filed
from yiwang.services.journeys._filed import Filed, FiledPart


def register() -> None:
    register_plan("journeys.parts", parts, prepare)
    register_effect("journeys.remember", remember)


def parts(case: CaseView) -> list[Part]:
    """One sub-case for each matter of the filing, on the flow and the clock of whoever carries it out."""
    known = _filed.of_case(case.id)
    return [_part(known, part, case) for part in known.parts]


def prepare(slot: SlotView, family: FamilyView) -> Mapping[str, Any]:
    """The data of a sub-case once it may begin: what it takes in from the results of the others."""
    known = _filed.of_case(family.root.id)
    part = next(each for each in known.parts if each.plan.slot == slot.slot)
    return _data(known, part, _fed(known, part, family))


def remember(context: EffectContext) -> Mapping[str, Any]:
    """Keep what the applicant put right, or what the flow says, among the case's results."""
    return {**context.form, **context.params}


def _part(known: Filed, part: FiledPart, case: CaseView) -> Part:
    plan = part.plan
    return Part(
        slot=plan.slot,
        title=plan.title,
        kind=APPLICATION,
        flow=part.flow_id,
        org_id=plan.org_id,
        after=plan.after,
        subject=plan.subject or case.subject,
        data=_data(known, part, {}),
        limits={"statutory": plan.statutory, "promised": plan.promised},
        region_code=case.region_code,
    )


def _data(known: Filed, part: FiledPart, fed: Mapping[str, Any]) -> dict[str, Any]:
    return Basics(
        matter_id=part.plan.matter_id,
        implementation_id=part.plan.implementation_id,
        on=known.basics.on,
        form_id=part.form_id,
        form_hash=part.form_hash,
        answers={**part.answers, **fed},
    ).to_data()


def _fed(known: Filed, part: FiledPart, family: FamilyView) -> dict[str, Any]:
    """What earlier parts brought, under the names of this part's form; for the same child, for the family: the first."""
    found: dict[str, Any] = {}
    index = part.plan.index
    for feed in part.feeds:
        for source in (each.plan for each in known.parts):
            same_child = index is None or source.index in (None, index)
            value = family.results.get(source.slot, {}).get(feed.key)
            if source.part == feed.part and same_child and value is not None:
                found.setdefault(feed.to, value)
    return found
