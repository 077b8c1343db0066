"""Going back and putting right as JSON: 撤回, 退回, 重新办理, 更正和撤销."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from yiwang.kernel.base.http import ApiRouter, actor
from yiwang.kernel.cases import actions, queries
from yiwang.kernel.cases._schemas import CaseOut, CorrectIn, RecallIn, RemediesOut, ReopenIn, ReturnIn
from yiwang.kernel.cases._shown import shown


def add_to(router: ApiRouter, desk: ApiRouter) -> None:
    """Add the routes for everyone who may see a case, and those of the desk."""
    router.post("{int:case_id}/recall", response=CaseOut)(recall)
    desk.get("{int:case_id}/remedies", response=RemediesOut)(remedies)
    desk.post("{int:case_id}/return", response=CaseOut)(send_back)
    desk.post("{int:case_id}/reopen", response=CaseOut)(reopen)
    desk.post("{int:case_id}/correct", response=CaseOut)(correct)


def recall(request: HttpRequest, case_id: int, body: RecallIn) -> Any:
    """Take one's own choice back while nobody has acted on what followed."""
    by = actor(request)
    queries.get(case_id, by)
    case = actions.recall(case_id=case_id, step=body.step, instance=body.instance, by=by, at=timezone.now())
    return shown(case, by)


def remedies(request: HttpRequest, case_id: int) -> dict[str, Any]:
    """What one may take back or hand over, and where the case may be returned to, reopened or put right."""
    by = actor(request)
    case = queries.get(case_id, by)
    return {
        "recallable": queries.recallable(case_id, by),
        "receivers": queries.receivers(case_id, by),
        "returns": {task.step: queries.returns(case_id, task.step) for task in case.steps_open if not task.instance},
        "reopenings": queries.reopenings(case_id),
        "correction_ways": queries.correction_ways(case_id),
        "corrections": queries.corrections(case_id),
    }


def send_back(request: HttpRequest, case_id: int, body: ReturnIn) -> Any:
    """Return an open step to an earlier one, for whoever handled it then."""
    by = actor(request)
    queries.get(case_id, by)
    case = actions.send_back(
        case_id=case_id,
        step=body.step,
        to=body.to,
        grounds=body.grounds,
        expected_version=body.expected_version,
        by=by,
        at=timezone.now(),
    )
    return shown(case, by)


def reopen(request: HttpRequest, case_id: int, body: ReopenIn) -> Any:
    """Open a closed case again."""
    by = actor(request)
    queries.get(case_id, by)
    return shown(actions.reopen(case_id=case_id, step=body.step, reason=body.reason, by=by, at=timezone.now()), by)


def correct(request: HttpRequest, case_id: int, body: CorrectIn) -> Any:
    """Put a decision right; the old one stays on record."""
    by = actor(request)
    queries.get(case_id, by)
    case = actions.correct_decision(
        case_id=case_id, correction=body.correction, reason=body.reason, by=by, at=timezone.now()
    )
    return shown(case, by)
