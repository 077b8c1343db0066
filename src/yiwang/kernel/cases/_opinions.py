"""Reading what the organisations that a step asked have answered."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from yiwang.kernel.cases import _book
from yiwang.kernel.cases._flow import Flow
from yiwang.kernel.cases._views import lamp, said, step_name
from yiwang.kernel.cases._walk import needed
from yiwang.kernel.cases.contracts import Lamp, OpinionView, RoundView, TaskKind, TaskStatus
from yiwang.kernel.cases.kinds import EachStep
from yiwang.kernel.cases.models import NEVER, Case, CaseEvent, Task
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.orgs.contracts import OrgView


def rounds_of(case: Case, at: datetime) -> list[RoundView]:
    """Every round of a case, oldest first, in as many queries as for one."""
    wholes = list(Task.objects.filter(case=case, kind=TaskKind.EACH).order_by("id"))
    if not wholes:
        return []
    asked = list(Task.objects.filter(case=case).exclude(instance="").order_by("id"))
    events = CaseEvent.objects.filter(case=case, kind__in=("advanced", "lapsed"), detail__task__isnull=False)
    said_of = {event.detail["task"]: event for event in events if event.detail}
    units = orgs.named(task.org_id for task in asked)
    flow = _book.pinned(case.flow_id, case.flow_hash)
    return [_round(flow, whole, _of(whole, wholes, asked), said_of, units, at) for whole in wholes]


def _of(whole: Task, wholes: Sequence[Task], asked: Sequence[Task]) -> list[Task]:
    """The tasks of one round: opened after it began and before the next one of its step."""
    after = [one.pk for one in wholes if one.step == whole.step and one.pk > whole.pk]
    end = min(after, default=None)
    return [one for one in asked if one.step == whole.step and one.pk > whole.pk and (end is None or one.pk < end)]


def _round(
    flow: Flow,
    whole: Task,
    asked: Sequence[Task],
    said_of: Mapping[int, CaseEvent],
    units: Mapping[int, OrgView],
    at: datetime,
) -> RoundView:
    part = flow.steps.get(whole.step)
    opinions = sorted((_opinion(part, one, said_of.get(one.pk), units, at) for one in asked), key=_is_through)
    answered = [one for one in opinions if one.status is TaskStatus.DONE]
    return RoundView(
        step=whole.step,
        name=step_name(flow, whole.step),
        is_open=whole.status == TaskStatus.OPEN,
        among=len(opinions),
        answered=len(answered),
        counted=sum(one.counts for one in answered),
        needed=needed(part.join, len(opinions)) if isinstance(part, EachStep) else len(opinions),
        opened_at=whole.opened_at,
        opinions=tuple(opinions),
    )


def _is_through(opinion: OpinionView) -> bool:
    """Of a hundred units those that have not answered are looked for: they come first."""
    return opinion.status is not TaskStatus.OPEN


def _opinion(
    part: object, task: Task, event: CaseEvent | None, units: Mapping[int, OrgView], at: datetime
) -> OpinionView:
    choice = part.choices.get(task.choice) if isinstance(part, EachStep) else None
    unit = units.get(task.org_id)
    return OpinionView(
        task_id=task.pk,
        instance=task.instance,
        org_id=task.org_id,
        org_name=unit.short_name if unit else "",
        status=TaskStatus(task.status),
        choice=task.choice,
        choice_name=said(choice.name) if choice else "",
        counts=choice.counts if choice else False,
        grounds=(event.grounds or "") if event else "",
        by_id=task.closed_by_id,
        closed_at=task.closed_at,
        due_at=None if task.due_at == NEVER else task.due_at,
        lamp=Lamp.DONE if task.closed_at else lamp(task.due_at, task.yellow_at, at, is_paused=task.is_paused),
    )
