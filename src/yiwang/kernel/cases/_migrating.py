"""Moving running cases to another version of their flow: what can follow follows, what cannot is named with the reason."""

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor, ActorKind
from yiwang.kernel.cases import _book, _timing
from yiwang.kernel.cases._flow import Flow
from yiwang.kernel.cases._turn import Held, turn_on
from yiwang.kernel.cases._views import clock_title, outcome_name, said, step_name
from yiwang.kernel.cases.contracts import OUTCOMES, CaseStatus, MigrationLine, MigrationReport, NotYourCase
from yiwang.kernel.cases.kinds import OutsideStep, ParallelStep, PostStep, SubcasesStep
from yiwang.kernel.cases.models import Case, ClockPause, Task

BATCH = 500


def migrate_version(*, flow: str, to: int, by: Actor, at: datetime, dry_run: bool = False) -> MigrationReport:
    """Move the running cases of a flow to a version of it; each case is a transaction of its own, safe to repeat.

    Nothing of what a case went through changes: open steps, limits that run and what is used up stay as they are.
    With `dry_run` only looks. Raises NotYourCase for anyone but the operator, PackNotFound for an unknown version.
    """
    if by.kind is not ActorKind.SYSTEM:
        raise NotYourCase("换流程版本由系统管理员在服务器上办理。", hint="yiwang cases migrate")
    target = _book.current(f"{flow}@{to}")
    moved: list[MigrationLine] = []
    stays: list[MigrationLine] = []
    for case_id in _running(target):
        line = _migrate(case_id, target, by=by, at=at, dry_run=dry_run)
        if line is not None:
            (stays if line.reasons else moved).append(line)
    return MigrationReport(flow, to, tuple(moved), tuple(stays), dry_run)


def _running(target: Flow) -> Iterator[int]:
    """The open cases that stand on another content of the flow, a batch at a time."""
    last = 0
    others = Case.objects.filter(flow_id=target.id, status=CaseStatus.OPEN).exclude(flow_hash=target.hash)
    while found := list(others.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        yield from found
        last = found[-1]


@transaction.atomic
def _migrate(case_id: int, target: Flow, *, by: Actor, at: datetime, dry_run: bool) -> MigrationLine | None:
    turn, held = turn_on(case_id, by=by, at=at)
    case = held.case
    if case.closed_at is not None or case.flow_hash == target.hash:
        return None
    reasons = tuple(dict.fromkeys(_reasons(held, target)))
    line = MigrationLine(case.pk, case.number, case.flow_version, reasons)
    if reasons or dry_run:
        return line
    detail = {"before": str(case.flow_version), "after": str(target.version), "from": case.flow_hash}
    turn.write(held, "migrated", detail=detail, is_visible=False)
    for task in held.tasks.values():
        _repost(task, target)
    # How to take a choice back was kept for the flow it was taken in.
    marking = {name: part for name, part in case.marking.items() if name != "undo"}
    held.set(flow_version=target.version, flow_hash=target.hash, marking=marking)
    turn.moved(held)
    turn.flush()
    turn.tell(held, "migrated", version=target.version)
    audit.record("cases.case.migrated", target=f"case:{case.pk}", by=by, at=at, detail=detail)
    return line


def _repost(task: Task, target: Flow) -> None:
    """A task nobody has signed for goes to the post that the new version names."""
    part = target.steps[task.step]
    post = getattr(part, "post", None) or ""
    if task.post and task.post != post:
        task.post = post
        task.save(update_fields=["post"])


def _reasons(held: Held, target: Flow) -> Iterator[str]:
    for task in held.tasks.values():
        yield from _task_reasons(held, task, target)
    for fork, arrived in held.marking.forks.items():
        part = target.steps.get(fork)
        if not isinstance(part, ParallelStep) or not arrived <= set(part.branches):
            yield f"并行环节“{step_name(held.flow, fork)}”在新版本里没有，或少了已办完的分支"
    yield from _clock_reasons(held, target)
    outcome = held.case.outcome
    if outcome and outcome not in OUTCOMES and outcome not in target.body.outcomes:
        yield f"已有的结果“{outcome_name(held.flow, outcome)}”在新版本里没有"


def _task_reasons(held: Held, task: Task, target: Flow) -> Iterator[str]:
    name, old, new = step_name(held.flow, task.step), held.flow.steps[task.step], target.steps.get(task.step)
    if new is None:
        yield f"正在办的环节“{name}”在新版本里没有"
        return
    if type(new) is not type(old) or target.scopes.get(task.step) != held.flow.scopes[task.step]:
        yield f"正在办的环节“{name}”在新版本里换了类型，或换了所在的分支"
    elif isinstance(new, OutsideStep) and isinstance(old, OutsideStep) and new.system != old.system:
        yield f"环节“{name}”已交给原来的外部系统"
    elif isinstance(new, SubcasesStep) and isinstance(old, SubcasesStep) and new.plan != old.plan:
        yield f"环节“{name}”的各部分已按原方案分办"
    elif isinstance(new, PostStep) and task.post and task.post != new.post and task.assignee_id is not None:
        yield f"环节“{name}”已有人签收，新版本改由别的岗位办"


def _clock_reasons(held: Held, target: Flow) -> Iterator[str]:
    clocks = _timing.over_case(held)
    for clock in clocks:
        if clock.name not in target.body.clocks:
            yield f"在走的时限“{clock_title(held.flow, clock)}”在新版本里没有"
    paused = [clock.pk for clock in _timing.running(held) if clock.is_paused]
    open_pauses = ClockPause.objects.filter(Q(clock__in=paused), ended_at__isnull=True) if paused else ()
    for pause in open_pauses:
        if pause.reason not in target.body.pauses:
            known = held.flow.body.pauses.get(pause.reason)
            yield f"暂停的事由“{said(known.name) if known else pause.reason}”在新版本里没有"
