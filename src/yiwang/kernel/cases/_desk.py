"""What is done to a case without moving it: signing for a task, handing it over, notes, files, urging."""

from collections.abc import Sequence
from datetime import datetime

from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor, ActorKind, Place
from yiwang.kernel.base.rows import action
from yiwang.kernel.cases import _rights
from yiwang.kernel.cases._turn import Held, Turn, turn_on
from yiwang.kernel.cases._views import task_view
from yiwang.kernel.cases.contracts import (
    AttachmentView,
    CannotHandOver,
    CannotSign,
    CannotUrge,
    NoSuchTask,
    TaskKind,
    TaskStatus,
    TaskView,
    TextMissing,
    UrgedTooOften,
)
from yiwang.kernel.cases.models import Attachment, Task, Urge
from yiwang.kernel.people import queries as people
from yiwang.kernel.workdays import queries as workdays
from yiwang.kernel.workdays.contracts import LEGAL_TIME

BATCH_MAX = 100


@action
def sign_for(*, task_id: int, by: Actor, at: datetime) -> TaskView:
    """Take a task of one's post upon oneself. Raises NotYourStep, CannotSign if it is done or another's."""
    turn, held, task = _task_under_lock(task_id, by=by, at=at)
    turn.post = _rights.post_for(task, by)
    if task.assignee_id not in (None, by.account_id):
        raise CannotSign("这一步已由他人签收。", hint="如需您来办，请签收人转办。")
    _rights.require_other_holder(held, task, by.account_id)
    if task.assignee_id is None:
        task.assignee_id, task.signed_at = by.account_id, at
        task.save(update_fields=["assignee", "signed_at"])
        turn.write(held, "signed", step=task.step, is_visible=False)
        turn.flush()
        audit.record("cases.task.signed", target=f"task:{task_id}", by=by, at=at)
    return task_view(task, held.flow, ())


@action
def sign_for_many(*, task_ids: Sequence[int], by: Actor, at: datetime) -> tuple[TaskView, ...]:
    """Sign for several tasks, all or none. Raises as `sign_for`, and TextMissing without or with too many tasks."""
    wanted = sorted(set(task_ids))
    if not 0 < len(wanted) <= BATCH_MAX:
        raise TextMissing(f"一次可签收1至{BATCH_MAX}件。", hint="请重新勾选。")
    # One order of locking for all, so that two batches cannot wait for each other.
    families = dict(Task.objects.filter(pk__in=wanted).values_list("pk", "case__root"))
    cases = dict(Task.objects.filter(pk__in=wanted).values_list("pk", "case"))
    ordered = sorted(wanted, key=lambda one: (families.get(one) or cases.get(one) or 0, one))
    return tuple(sign_for(task_id=task_id, by=by, at=at) for task_id in ordered)


@action
def hand_over(*, task_id: int, to_account_id: int, reason: str, by: Actor, at: datetime) -> TaskView:
    """Give a task to another holder of its post. Raises NotYourStep, SameHolder, CannotHandOver, TextMissing.

    Who signed for it may, anyone of the post while nobody has, and a supervisor always.
    """
    turn, held, task = _task_under_lock(task_id, by=by, at=at)
    if by.kind is not ActorKind.SYSTEM:
        turn.post = _rights.giving_post(held, task, by)
    _require_text(reason, "reason", "请说明为什么转办。")
    holders = {account.id for account in people.holders(task.post, task.org_id, at=at)}
    if to_account_id not in holders or to_account_id == task.assignee_id:
        raise CannotHandOver("只能转给本单位同一岗位的其他人员。", hint="请重新选择人员。")
    _rights.require_other_holder(held, task, to_account_id)
    task.assignee_id, task.signed_at = to_account_id, None
    task.save(update_fields=["assignee", "signed_at"])
    detail = {"to": to_account_id}
    turn.write(held, "handed-over", step=task.step, grounds=reason.strip(), detail=detail, is_visible=False)
    turn.flush()
    turn.tell(held, "handed_over", task_id=task_id, to_account_id=to_account_id)
    audit.record("cases.task.handed-over", target=f"task:{task_id}", by=by, at=at, detail=detail)
    return task_view(task, held.flow, ())


@action
def note(*, case_id: int, text: str, is_visible: bool, by: Actor, at: datetime) -> None:
    """Write a note into the history; a visible one is read by the applicant. Raises NotYourCase, TextMissing."""
    turn, held = turn_on(case_id, by=by, at=at)
    if not _rights.owns(held.case, by):
        _rights.require_staff(turn, held, _rights.ACT)
    _require_text(text, "text", "请写备注内容。")
    turn.write(held, "note", grounds=text.strip(), is_visible=is_visible or _rights.owns(held.case, by))
    turn.flush()
    audit.record("cases.case.noted", target=f"case:{case_id}", by=by, at=at)


@action
def attach(
    *, case_id: int, file_id: int, role: str, title: str, by: Actor, at: datetime, is_visible: bool = True
) -> AttachmentView:
    """Add a file to a case; the newest file of a role counts. Raises NotYourCase."""
    turn, held = turn_on(case_id, by=by, at=at)
    if not _rights.owns(held.case, by):
        _rights.require_staff(turn, held, _rights.ACT)
    row = Attachment.objects.create(
        case=held.case,
        file_id=file_id,
        role=role,
        title=title,
        is_visible=is_visible,
        attached_at=at,
        attached_by_id=by.account_id,
    )
    detail = {"role": role, "file_id": file_id}
    turn.write(held, "attached", detail=detail, is_visible=is_visible)
    turn.flush()
    audit.record("cases.case.attached", target=f"case:{case_id}", by=by, at=at, detail=detail)
    return attachment_view(row)


@action
def urge(*, case_id: int, by: Actor, at: datetime, words: str = "") -> datetime:
    """催办: remind who holds the open tasks. Returns when one may urge again.

    Raises NotYourCase, CannotUrge if nobody but the asker is waited for, UrgedTooOften.
    """
    turn, held = turn_on(case_id, by=by, at=at)
    if not _rights.owns(held.case, by):
        _rights.require_staff(turn, held, _rights.VIEW)
    every = held.flow.body.urge_every
    waited_for = [task for task in held.tasks.values() if task.kind != TaskKind.APPLICANT]
    if every is None or not waited_for:
        raise CannotUrge("这个办件现在不能催办。", hint="请看当前在等谁办理。")
    last = Urge.objects.filter(case=held.case).order_by("-urged_at").first()
    if last is not None and at < (again := workdays.due(last.urged_at, every).at):
        raise UrgedTooOften("刚刚催办过，承办单位已收到提醒。", hint=f"{_moment(again)}后可再次催办。")
    Urge.objects.create(case=held.case, account_id=by.account_id, words=words.strip(), urged_at=at)
    turn.write(held, "urged", grounds=words.strip() or None)
    turn.flush()
    turn.tell(held, "urged", task_ids=[task.pk for task in waited_for])
    audit.record("cases.case.urged", target=f"case:{case_id}", by=by, at=at)
    return workdays.due(at, every).at


def attachment_view(row: Attachment) -> AttachmentView:
    return AttachmentView(
        id=row.pk,
        case_id=row.case_id,
        file_id=row.file_id,
        role=row.role,
        title=row.title,
        is_visible=row.is_visible,
        attached_at=row.attached_at,
        attached_by_id=row.attached_by_id,
    )


def _task_under_lock(task_id: int, *, by: Actor, at: datetime) -> tuple[Turn, Held, Task]:
    case_id = Task.objects.filter(pk=task_id).values_list("case_id", flat=True).first()
    if case_id is None:
        raise NoSuchTask("没有这项待办。", hint="请刷新后再看。")
    turn, held = turn_on(case_id, by=by, at=at)
    task = next((task for task in held.tasks.values() if task.pk == task_id), None)
    if task is None or task.kind != TaskKind.POST or task.status != TaskStatus.OPEN:
        raise CannotSign("这一步已经办完，或不由岗位办理。", hint="请刷新后再看。")
    return turn, held, task


def _require_text(text: str, where: str, message: str) -> None:
    if not text.strip():
        raise TextMissing(message, places=[Place(where, message)])


def _moment(at: datetime) -> str:
    local = at.astimezone(LEGAL_TIME)
    return f"{local.month}月{local.day}日{local.hour}时"
