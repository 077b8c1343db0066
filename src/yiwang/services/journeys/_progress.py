"""The one page that follows all matters of a running one-thing, put together in a constant number of queries."""

from dataclasses import dataclass
from datetime import datetime

from yiwang.kernel.access import queries as access
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import (
    OUTCOMES,
    CaseView,
    ClockView,
    FamilyView,
    Lamp,
    SlotStatus,
    SlotView,
    TaskKind,
    TaskView,
)
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.orgs.contracts import OrgView
from yiwang.services.journeys import _filed
from yiwang.services.journeys._filed import Filed
from yiwang.services.journeys.contracts import KIND, NotCounted, ParcelLine, PartPlan, Progress, ProgressRow
from yiwang.support.connectors import queries as connectors
from yiwang.support.delivery import queries as delivery
from yiwang.support.delivery.contracts import DeliveryView
from yiwang.support.payments import queries as payments

PROMISED = "promised"
GOOD = frozenset(outcome.code for outcome in OUTCOMES.values() if outcome.is_good)


@dataclass(frozen=True, slots=True)
class Beside:
    """What other apps know of the sub-cases, by number."""

    parcels: dict[str, list[DeliveryView]]
    outages: dict[str, str]
    owing: set[str]


def of(root_id: int, at: datetime) -> Progress:
    """A one-thing by its parts; a case of a single matter as its own only row."""
    family = cases.family(root_id, at=at)
    root = family.root
    known = _filed.of_case(root.id) if root.kind == KIND else None
    planned = [part.plan for part in known.parts] if known else []
    named = orgs.named({root.org_id, *(slot.org_id for slot in family.slots), *(part.org_id for part in planned)})
    lead, clock = named[root.org_id], _promised(root)
    beside = _beside([root.number, *(slot.case.number for slot in family.slots if slot.case)])
    return Progress(
        case_id=root.id,
        number=root.number,
        query_code=root.query_code,
        journey_id=known.journey_id if known else "",
        title=root.title,
        status=root.status.value,
        outcome=root.outcome_name,
        opened_at=root.opened_at,
        due_at=clock.due_at if clock else None,
        lamp=(clock.lamp if clock else Lamp.NONE).value,
        lead=lead.name,
        lead_phone=lead.phone,
        supervision_phone=lead.supervision_phone,
        waits_for=_waits_for(_open_task(root), lead.name, root.number, beside),
        promised_days=known.promised_days if known else 0,
        rows=tuple(_rows(family, known, named, beside) if known else [_alone(family, lead, beside)]),
    )


def _beside(numbers: list[str]) -> Beside:
    return Beside(delivery.of_cases(numbers), connectors.outages(numbers), payments.owing(numbers))


def _rows(family: FamilyView, known: Filed, named: dict[int, OrgView], beside: Beside) -> list[ProgressRow]:
    """The sub-cases; before there are any, what has been filed."""
    if not family.slots:
        titles = {part.plan.slot: part.plan.title for part in known.parts}
        return [_planned(part.plan, titles) for part in known.parts]
    titles = {slot.slot: slot.title for slot in family.slots}
    subjects = {part.plan.slot: part.plan.subject for part in known.parts}
    return [
        _row(slot, named.get(slot.org_id), titles, subjects.get(slot.slot, ""), family, beside) for slot in family.slots
    ]


def _alone(family: FamilyView, org: OrgView, beside: Beside) -> ProgressRow:
    case = family.root
    slot = SlotView(
        id=0,
        parent_id=case.id,
        step="",
        slot="",
        title=case.title,
        after=(),
        status=SlotStatus.OPEN if case.is_open else SlotStatus.DONE,
        org_id=case.org_id,
        is_good=not case.is_open and case.outcome in GOOD,
        case=case,
    )
    return _row(slot, org, {}, "", family, beside)


def _planned(part: PartPlan, titles: dict[str, str]) -> ProgressRow:
    return ProgressRow(
        slot=part.slot,
        title=part.title,
        subject=part.subject,
        status=SlotStatus.WAITING.value,
        unit=part.org_name,
        waits_after=tuple(titles[name] for name in part.after),
    )


def _row(
    slot: SlotView,
    org: OrgView | None,
    titles: dict[str, str],
    subject: str,
    family: FamilyView,
    beside: Beside,
) -> ProgressRow:
    case = slot.case
    clock = _promised(case) if case else None
    task = _open_task(case)
    return ProgressRow(
        slot=slot.slot,
        title=slot.title,
        subject=subject,
        status=slot.status.value,
        unit=org.name if org else "",
        unit_phone=org.phone if org else "",
        step=task.name if task else "",
        post=_post(task.post) if task else "",
        waits_for=_waits_for(task, org.name if org else "", case.number if case else "", beside),
        waits_after=tuple(titles[name] for name in slot.after) if slot.status is SlotStatus.WAITING else (),
        due_at=clock.due_at if clock else None,
        lamp=(clock.lamp if clock else Lamp.NONE).value,
        not_counted=_not_counted(clock),
        not_counted_days=clock.uncounted_days if clock else 0,
        outcome=case.outcome_name if case else "",
        is_good=slot.is_good,
        case_id=case.id if case else None,
        number=case.number if case else "",
        results=dict(family.results.get(slot.slot, {})),
        closed_at=case.closed_at if case else None,
        parcels=tuple(ParcelLine(p.items, p.title) for p in beside.parcels.get(case.number, ())) if case else (),
    )


def _post(post_type: str) -> str:
    """What the post is called, not its code."""
    if not post_type:
        return ""
    return access.post_type(post_type).title


def _promised(case: CaseView) -> ClockView | None:
    return next((clock for clock in case.clocks if clock.name == PROMISED and clock.task_id is None), None)


def _not_counted(clock: ClockView | None) -> tuple[NotCounted, ...]:
    return tuple(NotCounted(p.title, p.basis, p.since, p.until) for p in clock.pauses) if clock else ()


def _waits_for(task: TaskView | None, unit: str, number: str, beside: Beside) -> str:
    """Whom the next step is up to, in words; empty when nothing is waited for. An outage is said with it."""
    if task is None:
        return ""
    if task.kind is TaskKind.OUTSIDE and number in beside.owing:
        return "您缴费"
    outage = beside.outages.get(number, "")
    return {
        TaskKind.POST: f"{unit}{_post(task.post)}",
        TaskKind.APPLICANT: "您处理",
        TaskKind.OUTSIDE: f"{unit}的业务系统答复" + (f"；{outage}" if outage else ""),
        TaskKind.SUBCASES: "各单位办理",
    }[task.kind]


def _open_task(case: CaseView | None) -> TaskView | None:
    return case.steps_open[0] if case and case.steps_open else None
