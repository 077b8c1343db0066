"""Opening and closing the tasks of a case, each with its own clock where its step has a limit."""

from yiwang.kernel.cases import _timing
from yiwang.kernel.cases._machine import How
from yiwang.kernel.cases._turn import Held, Turn
from yiwang.kernel.cases.contracts import TaskKind, TaskStatus
from yiwang.kernel.cases.kinds import OF_KIND, ROOT, ApplicantStep, OutsideStep, PostStep, Waiting
from yiwang.kernel.cases.models import Task
from yiwang.kernel.orgs import queries as orgs

_KINDS: dict[type, TaskKind] = {
    PostStep: TaskKind.POST,
    ApplicantStep: TaskKind.APPLICANT,
    OutsideStep: TaskKind.OUTSIDE,
}


def open_task(turn: Turn, held: Held, step: str) -> Task:
    """Open a task at a step: at the right organisation, due by the nearest of its limits."""
    part, case = held.flow.steps[step], held.case
    task = Task(
        case=case,
        step=step,
        kind=_KINDS.get(type(part), TaskKind.SUBCASES).value,
        org_id=_org(turn, held, part),
        post=getattr(part, "post", None) or "",
        applicant_id=case.applicant_id,
        case_kind=case.kind,
        opened_at=turn.effective_at,
    )
    limit = part.limit if isinstance(part, Waiting) else None
    clock = _timing.new_clock(turn, held, _timing.OF_STEP + step, limit) if limit else None
    _timing.bind(held, task, clock)
    task.save(force_insert=True)
    if clock:
        clock.task = task
        clock.save(force_insert=True)
        _timing.every(held).append(clock)
    held.tasks[step] = task
    return task


def close(turn: Turn, held: Held, step: str, how: How, choice: str) -> Task:
    """Close an open task; it is never edited afterwards."""
    task = held.tasks.pop(step)
    task.status = (TaskStatus.CANCELLED if how == "cancelled" else TaskStatus.DONE).value
    task.how, task.choice, task.closed_at = how, choice, turn.effective_at
    task.closed_by_id = turn.by.account_id if how == "taken" else None
    task.save(update_fields=["status", "how", "choice", "closed_at", "closed_by"])
    _timing.stop(turn, held, [clock for clock in _timing.running(held) if clock.task_id == task.pk])
    return task


def _org(turn: Turn, held: Held, part: object) -> int:
    at = getattr(part, "at", "")
    if at == ROOT:
        return turn.root.org_id
    if at.startswith(OF_KIND):
        return orgs.handling(at.removeprefix(OF_KIND), held.case.region_code).id
    return held.case.org_id
