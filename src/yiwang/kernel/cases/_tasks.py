"""Opening and closing the tasks of a case, each with its own clock where its step has a limit."""

from collections.abc import Iterable, Sequence

from yiwang.kernel.base import rows
from yiwang.kernel.cases import _timing
from yiwang.kernel.cases._moves import How, place
from yiwang.kernel.cases._turn import Held, Turn
from yiwang.kernel.cases.contracts import Instance, TaskKind, TaskStatus
from yiwang.kernel.cases.kinds import OF_KIND, ROOT, ApplicantStep, EachStep, OutsideStep, PostStep, Waiting
from yiwang.kernel.cases.models import Clock, Task
from yiwang.kernel.orgs import queries as orgs

BY_HAND = ("taken", "returned")
KEPT = ("case", "step", "instance", "kind", "org_id", "post", "applicant_id", "case_kind", "opened_at")
_KINDS: dict[type, TaskKind] = {
    PostStep: TaskKind.POST,
    EachStep: TaskKind.EACH,
    ApplicantStep: TaskKind.APPLICANT,
    OutsideStep: TaskKind.OUTSIDE,
}


def open_task(turn: Turn, held: Held, step: str) -> Task:
    """Open a task at a step: at the right organisation, due by the nearest of its limits."""
    part = held.flow.steps[step]
    kind = _KINDS.get(type(part), TaskKind.SUBCASES)
    task = _task(turn, held, step, kind, _org(turn, held, part))
    task.pk = turn.keys.give(Task)
    # A step of many is open as a whole beside its tasks: these have the limit and the post.
    limit = part.limit if isinstance(part, Waiting) and kind is not TaskKind.EACH else None
    clock = _timing.new_clock(turn, held, _timing.OF_STEP + step, limit) if limit else None
    _timing.bind(held, task, clock)
    rows.insert(task)
    if clock:
        clock.task = task
        clock.pk = turn.keys.give(Clock)
        rows.insert(clock)
        _timing.every(held).append(clock)
    held.tasks[step] = task
    return task


def open_many(turn: Turn, held: Held, step: str, instances: Sequence[Instance]) -> None:
    """Open a task for each of many, every one with its own limit, in as many queries as for one."""
    part = held.flow.steps[step]
    assert isinstance(part, EachStep)
    tasks, clocks = [], []
    for one in instances:
        task = _task(turn, held, step, TaskKind.POST, one.org_id, one.key)
        limit = one.limit or part.limit
        clock = _timing.new_clock(turn, held, _timing.OF_STEP + step, limit) if limit else None
        _timing.bind(held, task, clock)
        tasks.append(task)
        clocks.append(clock)
    Task.objects.bulk_create(tasks)
    for task, clock in zip(tasks, clocks, strict=True):
        held.tasks[place(step, task.instance)] = task
        if clock:
            clock.task = task
    _timing.every(held).extend(Clock.objects.bulk_create([clock for clock in clocks if clock]))


def close(turn: Turn, held: Held, name: str, how: How, choice: str) -> Task:
    """Close an open task; it is never edited afterwards."""
    task = held.tasks.pop(name)
    task.status = TaskStatus.DONE.value
    task.how, task.choice, task.closed_at = how, choice, turn.effective_at
    task.closed_by_id = turn.by.account_id if how in BY_HAND else None
    rows.update(task, ["status", "how", "choice", "closed_at", "closed_by"])
    _timing.stop(turn, held, [clock for clock in _timing.running(held) if clock.task_id == task.pk])
    return task


def cancel(turn: Turn, held: Held, names: Iterable[str], how: str = "cancelled") -> list[Task]:
    """Close open tasks that are no longer wanted, all in one."""
    tasks = [held.tasks.pop(name) for name in names]
    for task in tasks:
        task.status, task.how, task.closed_at = TaskStatus.CANCELLED.value, how, turn.effective_at
    for task in tasks:
        rows.update(task, ["status", "how", "closed_at"])
    gone = {task.pk for task in tasks}
    _timing.stop(turn, held, [clock for clock in _timing.running(held) if clock.task_id in gone])
    return tasks


def reopen(turn: Turn, held: Held, was: Task) -> Task:
    """Open a task again as if it had never been closed: its limit has run on meanwhile."""
    task = Task(
        **{name: getattr(was, name) for name in KEPT},
        assignee_id=was.closed_by_id if was.kind == TaskKind.POST else None,
        signed_at=turn.at if was.kind == TaskKind.POST else None,
    )
    clock, pauses = _timing.again(held, was.pk) or (None, [])
    _timing.bind(held, task, clock)
    task.save(force_insert=True)
    if clock:
        _timing.keep_again(held, clock, pauses, task)
    held.tasks[place(task.step, task.instance)] = task
    return task


def _task(turn: Turn, held: Held, step: str, kind: TaskKind, org_id: int, instance: str = "") -> Task:
    part = held.flow.steps[step]
    return rows.new(
        Task,
        case_id=held.case.pk,
        step=step,
        instance=instance,
        kind=kind.value,
        org_id=org_id,
        post="" if kind is TaskKind.EACH else getattr(part, "post", None) or "",
        assignee_id=turn.handlers.get((held.case.pk, step)) if kind is TaskKind.POST else None,
        applicant_id=held.case.applicant_id,
        case_kind=held.case.kind,
        opened_at=turn.effective_at,
    )


def _org(turn: Turn, held: Held, part: object) -> int:
    at = getattr(part, "at", "")
    if at == ROOT:
        return turn.root.org_id
    if at.startswith(OF_KIND):
        return orgs.handling(at.removeprefix(OF_KIND), held.case.region_code).id
    return held.case.org_id
