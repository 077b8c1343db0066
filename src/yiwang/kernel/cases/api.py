"""Cases as JSON: for whoever may see one, and the desk's own routes."""

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from pydantic import Field

from yiwang.kernel.base.contracts import ActorKind
from yiwang.kernel.base.http import ApiRouter, actor, answered_in, page_as
from yiwang.kernel.cases import _remedy_api, actions, queries
from yiwang.kernel.cases._schemas import (
    AdvanceIn,
    CaseOut,
    CasePageOut,
    EventOut,
    ExtendIn,
    HandOverIn,
    NoteIn,
    PauseIn,
    ReasonIn,
    RoundOut,
    SignIn,
    Size,
    UrgedOut,
    WorkPageOut,
    WorkRowOut,
)
from yiwang.kernel.cases._shown import shown
from yiwang.kernel.cases.contracts import EventView, RoundView
from yiwang.kernel.workdays.contracts import Limit

router = ApiRouter(tags=["办件"], audience="signed-in")
desk = ApiRouter(tags=["办件工作台"], audience="staff")
flows = ApiRouter(tags=["流程"], audience="public")


@router.get("mine", response=CasePageOut)
def mine(request: HttpRequest, cursor: str | None = None, size: Size = 20) -> Any:
    """The cases of the party one acts for, newest first."""
    return queries.of_applicant(actor(request).acting_for or 0, cursor, size=size)


@desk.get("work", response=WorkPageOut)
def work(
    request: HttpRequest,
    box: str = "todo",
    kind: str | None = None,
    org_id: int | None = None,
    cursor: str | None = None,
    size: Size = 20,
) -> Any:
    """One box of the desk, the most urgent first."""
    page = queries.work_list(actor(request), box=box, kind=kind, org_id=org_id, cursor=cursor, size=size)
    return page_as(WorkRowOut, page)


@desk.get("counts", response=dict[str, int])
def counts(request: HttpRequest) -> dict[str, int]:
    """How many rows each box has, counted up to a thousand."""
    return queries.counts(actor(request))


@desk.post("sign", response=dict[str, list[int]])
def sign(request: HttpRequest, body: SignIn) -> dict[str, list[int]]:
    """Sign for tasks, all or none."""
    signed = actions.sign_for_many(task_ids=body.task_ids, by=actor(request), at=timezone.now())
    return {"task_ids": [task.id for task in signed]}


@desk.post("tasks/{int:task_id}/hand-over", response=dict[str, int | None])
def hand_over(request: HttpRequest, task_id: int, body: HandOverIn) -> dict[str, int | None]:
    """Give a task to another holder of its post."""
    at = timezone.now()
    task = actions.hand_over(
        task_id=task_id, to_account_id=body.to_account_id, reason=body.reason, by=actor(request), at=at
    )
    return {"task_id": task.id, "assignee_id": task.assignee_id}


@router.get("{int:case_id}", response=CaseOut)
def get(request: HttpRequest, case_id: int) -> Any:
    """A case that one may see."""
    by = actor(request)
    return shown(queries.get(case_id, by), by)


@router.get("{int:case_id}/history", response=list[EventOut])
def history(request: HttpRequest, case_id: int) -> list[EventView]:
    """What happened, oldest first; its applicant reads what is meant for them."""
    by = actor(request)
    queries.get(case_id, by)
    return queries.history(case_id, visible_only=by.kind is not ActorKind.STAFF)


@desk.get("{int:case_id}/rounds", response=list[RoundOut])
def rounds(request: HttpRequest, case_id: int) -> list[RoundView]:
    """会签: whom the steps of a case asked and what each answered, oldest first."""
    queries.get(case_id, actor(request))
    return queries.rounds(case_id)


@router.post("{int:case_id}/advance", response=CaseOut)
def advance(request: HttpRequest, case_id: int, body: AdvanceIn) -> Any:
    """Take a choice at an open step."""
    by = actor(request)
    case = actions.advance(
        case_id=case_id,
        step=body.step,
        instance=body.instance,
        choice=body.choice,
        form=body.form,
        grounds=body.grounds,
        expected_version=body.expected_version,
        must_see=True,
        by=by,
        at=timezone.now(),
    )
    return shown(case, by)


@router.post("{int:case_id}/withdraw", response=CaseOut)
def withdraw(request: HttpRequest, case_id: int, body: ReasonIn) -> Any:
    """End one's own case before it is decided."""
    by = actor(request)
    return shown(actions.withdraw(case_id=case_id, reason=body.reason, by=by, at=timezone.now()), by)


@router.post("{int:case_id}/urge", response=UrgedOut)
def urge(request: HttpRequest, case_id: int, body: ReasonIn) -> Any:
    """Remind whoever is waited for."""
    return {"again_at": actions.urge(case_id=case_id, words=body.reason, by=actor(request), at=timezone.now())}


@router.post("{int:case_id}/notes", response={204: None})
def note(request: HttpRequest, case_id: int, body: NoteIn) -> Any:
    """Write a note into the history."""
    actions.note(case_id=case_id, text=body.text, is_visible=body.is_visible, by=actor(request), at=timezone.now())
    return 204, None


@desk.post("{int:case_id}/pause", response=CaseOut)
def pause(request: HttpRequest, case_id: int, body: PauseIn) -> Any:
    """Stop counting for a reason of the flow."""
    by = actor(request)
    return shown(actions.pause(case_id=case_id, reason=body.reason, words=body.words, by=by, at=timezone.now()), by)


@desk.post("{int:case_id}/resume", response=CaseOut)
def resume(request: HttpRequest, case_id: int) -> Any:
    """Count again."""
    by = actor(request)
    return shown(actions.resume(case_id=case_id, by=by, at=timezone.now()), by)


@desk.post("{int:case_id}/extend", response=CaseOut)
def extend(request: HttpRequest, case_id: int, body: ExtendIn) -> Any:
    """Give a clock more time."""
    by, limit = actor(request), Limit.parse(body.limit)
    case = actions.extend(case_id=case_id, clock=body.clock, limit=limit, reason=body.reason, by=by, at=timezone.now())
    return shown(case, by)


@desk.post("{int:case_id}/terminate", response=CaseOut)
def terminate(request: HttpRequest, case_id: int, body: ReasonIn) -> Any:
    """End a case by order of a supervisor."""
    by = actor(request)
    return shown(actions.terminate(case_id=case_id, reason=body.reason, by=by, at=timezone.now()), by)


@flows.get("{flow_id}/bpmn", openapi_extra=answered_in("application/xml"))
def bpmn(
    request: HttpRequest, flow_id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9.-]*(@\d{1,4})?$", max_length=120)]
) -> Any:
    """A flow in force as a BPMN 2.0 file."""
    answer = HttpResponse(queries.flow_bpmn(flow_id), content_type="application/xml; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{flow_id}.bpmn"'
    return answer


_remedy_api.add_to(router, desk)
