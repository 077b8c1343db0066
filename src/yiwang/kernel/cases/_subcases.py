"""The sub-cases of a step: planned as slots, opened when what they wait for is done, counted when they end."""

from collections.abc import Sequence
from graphlib import CycleError, TopologicalSorter

from yiwang.kernel.cases import _book, contracts
from yiwang.kernel.cases._check import is_good
from yiwang.kernel.cases._moves import Tally
from yiwang.kernel.cases._opening import NewCase, insert
from yiwang.kernel.cases._turn import Held, Turn
from yiwang.kernel.cases._views import family_of
from yiwang.kernel.cases._walk import needed
from yiwang.kernel.cases.contracts import BadPlan, CaseView, NotInstalled, Part, SlotStatus
from yiwang.kernel.cases.kinds import SubcasesStep
from yiwang.kernel.cases.models import Case, SubcaseSlot, Task
from yiwang.kernel.workdays.contracts import Limit

PARTS_MAX = 500


def plan(held: Held, task: Task, step: SubcasesStep, view: CaseView) -> None:
    """Ask the plan which sub-cases there are and keep a slot for each. Raises NotInstalled, BadPlan."""
    registered = contracts.plans.get(step.plan)
    if registered is None:
        raise NotInstalled(f"这一步要用的功能“{step.plan}”没有安装。", hint="请联系管理员。")
    parts = registered.plan(view)
    _require_order(parts)
    kept = {slot.slot: slot for slot in SubcaseSlot.objects.filter(parent=held.case)}
    for position, part in enumerate(parts):
        old = kept.get(part.slot)
        # On a second round what came out well stays done, and what was let run goes on.
        if old is None or not (old.is_good or old.status == SlotStatus.OPEN):
            slot = _slot(held, task, position, part)
            slot.pk = old.pk if old else None
            slot.save(force_insert=old is None, force_update=old is not None)


def ready(parent: Held, step: str) -> list[SubcaseSlot]:
    """The slots whose turn it is; those that can no longer begin are skipped."""
    slots = list(SubcaseSlot.objects.filter(parent=parent.case, step=step).order_by("position"))
    by_name = {slot.slot: slot for slot in slots}
    # One that is skipped may be what another waits for.
    for _ in slots:
        stuck = [slot for slot in slots if _waits(slot) and any(_failed(by_name[name]) for name in slot.after)]
        for slot in stuck:
            slot.status = SlotStatus.SKIPPED.value
            slot.save(update_fields=["status"])
        if not stuck:
            break
    return [slot for slot in slots if _waits(slot) and all(by_name[name].is_good for name in slot.after)]


def open_child(turn: Turn, parent: Held, slot: SubcaseSlot) -> Held:
    """Open the case of a slot, with the data that only now is known."""
    new = NewCase(
        kind=slot.kind,
        flow=_book.current(slot.flow),
        title=slot.title,
        org_id=slot.org_id,
        region_code=slot.region_code,
        applicant_id=slot.applicant_id,
        subject=slot.subject,
        data={**slot.data, **_prepared(turn, parent, slot)},
        limits={name: Limit.parse(text) for name, text in slot.limits.items()},
        parent=parent.case,
        slot=slot.slot,
    )
    child = insert(turn, new)
    slot.case, slot.status = child.case, SlotStatus.OPEN.value
    slot.save(update_fields=["case", "status"])
    return child


def finished(turn: Turn, child: Held) -> str:
    """Note in a child's slot how it came out; the parent's step, empty if the child has no slot."""
    slot = SubcaseSlot.objects.filter(case=child.case).first()
    if slot is None:
        return ""
    slot.status, slot.is_good = SlotStatus.DONE.value, is_good(child.flow.body, child.case.outcome)
    slot.save(update_fields=["status", "is_good"])
    return slot.step


def corrected(child: Held) -> None:
    """A child's outcome was put right; a parent that has gone on is not moved by it."""
    is_now_good = is_good(child.flow.body, child.case.outcome)
    SubcaseSlot.objects.filter(case=child.case).update(is_good=is_now_good)


def reopened(turn: Turn, child: Held) -> None:
    """A child is worked on again: a parent that still waits at its step waits for it too."""
    slot = SubcaseSlot.objects.filter(case=child.case).first()
    if slot is not None and child.case.parent_id and slot.step in turn.hold(child.case.parent_id).tasks:
        slot.status, slot.is_good = SlotStatus.OPEN.value, False
        slot.save(update_fields=["status", "is_good"])


def tally(parent: Held, step: str) -> Tally | None:
    """How the slots of a step came out; None while its join still waits."""
    part = parent.flow.steps[step]
    assert isinstance(part, SubcasesStep)
    slots = list(SubcaseSlot.objects.filter(parent=parent.case, step=step).only("status", "is_good"))
    over = [slot for slot in slots if slot.status in (SlotStatus.DONE, SlotStatus.SKIPPED)]
    good = sum(slot.is_good for slot in slots)
    enough = part.join != "all" and good >= needed(part.join, len(slots))
    if len(over) < len(slots) and not enough:
        return None
    if good == len(slots) or enough:
        return "all"
    return "some" if good else "none"


def skip(parent: Held, step: str) -> None:
    """What has not begun does not begin any more."""
    slots = SubcaseSlot.objects.filter(parent=parent.case, step=step)
    slots.filter(status=SlotStatus.WAITING).update(status=SlotStatus.SKIPPED)


def cancel(turn: Turn, parent: Held, step: str) -> list[Held]:
    """Skip what has not begun; the children that still run, for the engine to end."""
    skip(parent, step)
    slots = SubcaseSlot.objects.filter(parent=parent.case, step=step)
    running = list(slots.filter(status=SlotStatus.OPEN).values_list("case__id", flat=True))
    return [turn.hold(case_id) for case_id in running]


def children(turn: Turn, held: Held) -> Sequence[Held]:
    """The open cases directly below one, whether they have a slot or were opened beside it."""
    rows = Case.objects.filter(parent=held.case, closed_at__isnull=True).order_by("id")
    return [turn.hold(case_id) for case_id in rows.values_list("pk", flat=True)]


def _prepared(turn: Turn, parent: Held, slot: SubcaseSlot) -> dict[str, object]:
    step = parent.flow.steps[slot.step]
    assert isinstance(step, SubcasesStep)
    prepare = contracts.plans[step.plan].prepare
    if prepare is None:
        return {}
    family = family_of(parent.case.family_id, turn.at)
    return dict(prepare(next(view for view in family.slots if view.id == slot.pk), family))


def _require_order(parts: Sequence[Part]) -> None:
    names = [part.slot for part in parts]
    if len(parts) > PARTS_MAX:
        raise BadPlan(f"一次最多办理{PARTS_MAX}个部分。", hint="请分几次申请。")
    if len(set(names)) != len(names) or any(set(part.after) - set(names) for part in parts):
        raise BadPlan("要办的部分重复，或要等的部分不在其中。", hint="请联系管理员核对配置。")
    try:
        TopologicalSorter({part.slot: part.after for part in parts}).prepare()
    except CycleError as circle:
        raise BadPlan("要办的部分互相等待。", hint="请联系管理员核对配置。") from circle


def _slot(held: Held, task: Task, position: int, part: Part) -> SubcaseSlot:
    return SubcaseSlot(
        parent=held.case,
        step=task.step,
        slot=part.slot,
        position=position,
        title=part.title,
        kind=part.kind,
        flow=part.flow,
        org_id=part.org_id,
        after=list(part.after),
        subject=part.subject,
        data=dict(part.data),
        limits={name: limit.text for name, limit in part.limits.items()},
        region_code=part.region_code or held.case.region_code,
        applicant_id=part.applicant_id or held.case.applicant_id,
    )


def _waits(slot: SubcaseSlot) -> bool:
    return slot.status == SlotStatus.WAITING


def _failed(slot: SubcaseSlot) -> bool:
    return slot.status == SlotStatus.SKIPPED or (slot.status == SlotStatus.DONE and not slot.is_good)
