"""Reading what can be taken back, gone back to, reopened or put right in a case, and what was."""

from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.cases import _again, _back, _reading
from yiwang.kernel.cases._turn import Held, held_of
from yiwang.kernel.cases._views import basis, said, step_name
from yiwang.kernel.cases.contracts import CorrectionView, CorrectionWay, StepBack
from yiwang.kernel.cases.models import Case, Correction


def recallable(case: Case, by: Actor) -> list[StepBack]:
    return _back.recallable(_held(case), by)


def returns(case: Case, step: str) -> list[StepBack]:
    held = _held(case)
    return [
        StepBack(name, step_name(held.flow, name), by_id=task.closed_by_id)
        for name, task in _back.returns(held, step).items()
    ]


def reopenings(case: Case) -> list[StepBack]:
    held = _held(case)
    return [StepBack(name, step_name(held.flow, name)) for name in _again.reopenings(held)]


def correction_ways(case: Case) -> list[CorrectionWay]:
    if case.decided_at is None:
        return []
    ways = _held(case).flow.body.corrections
    return [
        CorrectionWay(code, said(way.name), said(way.words), basis(way.basis), way.to or "")
        for code, way in ways.items()
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


def _held(case: Case) -> Held:
    return held_of(case, _reading.open_tasks(case.pk))
