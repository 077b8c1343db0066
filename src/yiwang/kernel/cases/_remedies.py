"""Reading what can be taken back, handed over, gone back to, reopened or put right in a case, and what was."""

from datetime import datetime

from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.cases import _again, _back, _reading, _rights
from yiwang.kernel.cases._turn import Held, held_of
from yiwang.kernel.cases._views import basis, said, step_name
from yiwang.kernel.cases.contracts import CorrectionView, CorrectionWay, NotYourCase, NotYourStep, StepBack, TaskKind
from yiwang.kernel.cases.models import Case, Correction, Task
from yiwang.kernel.people import queries as people
from yiwang.kernel.people.contracts import AccountView


def recallable(case: Case, by: Actor) -> list[StepBack]:
    return _back.recallable(_held(case), by)


def returns(case: Case, step: str) -> list[StepBack]:
    held = _held(case)
    return [
        StepBack(name, step_name(held.flow, name), by_id=task.closed_by_id)
        for name, task in _back.returns(held, step).items()
    ]


def receivers(case: Case, by: Actor, at: datetime) -> dict[int, list[AccountView]]:
    held = _held(case)
    return {
        task.pk: [
            one for one in people.holders(task.post, task.org_id, at=at) if _rights.may_take_over(held, task, one.id)
        ]
        for task in held.tasks.values()
        if task.kind == TaskKind.POST and _may_give(held, task, by)
    }


def reopenings(case: Case) -> list[StepBack]:
    held = _held(case)
    return [StepBack(name, step_name(held.flow, name)) for name in _again.reopenings(held)]


def correction_ways(case: Case) -> list[CorrectionWay]:
    if case.decided_at is None:
        return []
    held = _held(case)
    return [
        CorrectionWay(code, said(way.name), said(way.words), basis(way.basis), way.to or "")
        for code, way in held.flow.body.corrections.items()
        if _again.changes(held, way)
    ]


def corrections(case: Case) -> list[CorrectionView]:
    ways = _held(case).flow.body.corrections
    return [
        CorrectionView(
            id=row.pk,
            code=row.code,
            name=said(ways[row.code].name) if row.code in ways else row.code,
            outcome_before=row.outcome_before,
            decided_before_at=row.decided_before_at,
            outcome=row.outcome,
            reason=row.reason,
            by_id=row.account_id,
            corrected_at=row.corrected_at,
        )
        for row in Correction.objects.filter(case=case).order_by("id")
    ]


def _may_give(held: Held, task: Task, by: Actor) -> bool:
    # Of many who are asked each sees to its own: a supervisor's page would ask for the people of a hundred units.
    if task.instance and all(post.org_id != task.org_id for post in by.posts):
        return False
    try:
        _rights.giving_post(held, task, by)
    except (NotYourStep, NotYourCase):
        return False
    return True


def _held(case: Case) -> Held:
    return held_of(case, _reading.open_tasks(case.pk))
