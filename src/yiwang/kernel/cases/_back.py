"""Going back: taking a choice back (撤回), and returning a case to an earlier step (退回)."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor, Place
from yiwang.kernel.cases import _engine, _machine, _rights, _tasks, _traces, contracts
from yiwang.kernel.cases._graph import is_around
from yiwang.kernel.cases._lapse import turn_after_dues
from yiwang.kernel.cases._moves import Marking
from yiwang.kernel.cases._turn import Held, Turn, Words
from yiwang.kernel.cases._views import case_view, said, step_name
from yiwang.kernel.cases.contracts import (
    CannotAdvance,
    CannotRecall,
    CannotReturn,
    CaseView,
    GroundsMissing,
    HandledByOther,
    StepBack,
    TaskKind,
    TaskStatus,
)
from yiwang.kernel.cases.kinds import ApplicantStep, EachStep, PostStep, Waiting
from yiwang.kernel.cases.models import Task
from yiwang.kernel.people import queries as people

AGAIN = "请刷新后再看。"
BY_PEOPLE = (PostStep, ApplicantStep)


@transaction.atomic
def recall(*, case_id: int, step: str, by: Actor, at: datetime, instance: str = "") -> CaseView:
    """撤回: take back one's own choice while nobody has acted on what followed and nothing of it went out.

    Raises CannotRecall, or NotYourStep if the actor no longer holds the post.
    """
    turn, held = turn_after_dues(case_id, by=by, at=at)
    task = _last(held, by, step, instance)
    marking, was = _undone(held, task)
    _require_still_theirs(turn, held, task)
    for ran in reversed(was.effects):
        undo = contracts.undos.get(ran["do"])
        if undo is None:
            raise _no_recall()
        turn.flush()
        undo(_engine.context_of(turn, held, ran["step"], ran["choice"], ran["params"], Words()))
    held.clocks = None
    _take_back(turn, held, task, was)
    held.mark(marking)
    _forget(held, task)
    turn.write(held, "recalled", step=step, choice=task.choice, is_visible=not instance, detail={"task": task.pk})
    turn.moved(held)
    turn.flush()
    turn.tell(held, "recalled", step=step, choice=task.choice)
    audit.record("cases.case.recalled", target=f"case:{case_id}", by=by, at=at, detail={"step": step})
    return case_view(held, at)


@transaction.atomic
def send_back(
    *,
    case_id: int,
    step: str,
    to: str,
    grounds: str,
    by: Actor,
    at: datetime,
    expected_version: int | None = None,
) -> CaseView:
    """退回: close an open step and open an earlier one, for whoever handled it then.

    Raises CannotAdvance, HandledByOther, NotYourStep, SameHolder, CannotReturn unless the flow and the case's past
    allow it, GroundsMissing.
    """
    turn, held = turn_after_dues(case_id, by=by, at=at)
    if expected_version not in (None, held.case.version):
        raise HandledByOther("办件已被他人办理。", hint=AGAIN)
    task, part = held.tasks.get(step), held.flow.steps.get(step)
    if task is None or not isinstance(part, PostStep) or isinstance(part, EachStep):
        raise CannotAdvance("这一步已经办完，或不能退回。", hint=AGAIN)
    _rights.require_acting(turn, held, task)
    earlier = returns(held, step).get(to)
    if earlier is None:
        raise CannotReturn("不能退回到这个环节。", hint="只能退回流程允许、且已经办过的环节。")
    if not grounds.strip():
        raise GroundsMissing("请说明为什么退回。", places=[Place("grounds", "请说明为什么退回。")])
    if earlier.kind == TaskKind.POST and earlier.closed_by_id in _holders(earlier, at):
        turn.handlers[held.case.pk, to] = earlier.closed_by_id
    move = _machine.send_back(held.flow, held.marking, step, to)
    _engine.run(turn, held, move, Words(grounds=grounds.strip()))
    audit.record("cases.case.returned", target=f"case:{case_id}", by=by, at=at, detail={"step": step, "to": to})
    return case_view(held, at)


def returns(held: Held, step: str) -> dict[str, Task]:
    """The steps to which a step may be returned, each with the task that was done there last."""
    part = held.flow.steps.get(step)
    allowed = part.may_return_to if isinstance(part, PostStep) else ()
    if not allowed:
        return {}
    return {
        name: task
        for name, task in _done(held).items()
        if name != step
        and (allowed == "any" or name in allowed)
        and isinstance(found := held.flow.steps.get(name), BY_PEOPLE)
        and not isinstance(found, EachStep)
        and is_around(held.flow.scopes[name], held.flow.scopes[step])
        and _machine.may_leave(held.flow, held.marking, step, name)
        and not _is_before_decision(held, task)
    }


def recallable(held: Held, by: Actor) -> list[StepBack]:
    """The choices of an actor that could be taken back now."""
    ids = [int(key) for key in held.undo]
    rows = Task.objects.filter(pk__in=ids, closed_by=by.account_id).order_by("-id") if ids and by.account_id else ()
    return [_step_back(held, task) for task in rows if _is_free(held, task)]


def _step_back(held: Held, task: Task) -> StepBack:
    part = held.flow.steps.get(task.step)
    choice = part.choices.get(task.choice) if isinstance(part, Waiting) else None
    name, choice_name = step_name(held.flow, task.step), said(choice.name) if choice else ""
    return StepBack(task.step, name, task.instance, choice_name, task.closed_by_id)


def _last(held: Held, by: Actor, step: str, instance: str) -> Task:
    """The task of a step that was done last, if this actor took it."""
    rows: QuerySet[Task] = Task.objects.filter(case=held.case, step=step, instance=instance, status=TaskStatus.DONE)
    task = rows.order_by("-id").first()
    if task is None or task.how != "taken" or by.account_id is None or task.closed_by_id != by.account_id:
        raise CannotRecall("只能撤回自己刚刚办的这一步。", hint="如需改正，请联系现在的办理人退回。")
    return task


def _undone(held: Held, task: Task) -> tuple[Marking, _traces.Trace]:
    stored = held.undo.get(str(task.pk))
    was = _traces.from_stored(stored) if stored else None
    marking = _traces.undone(was, held.marking, held.ids) if was else None
    if was is None or marking is None or not _is_untouched(held, was):
        raise _no_recall()
    return marking, was


def _is_free(held: Held, task: Task) -> bool:
    try:
        _undone(held, task)
    except CannotRecall:
        return False
    return True


def _is_untouched(held: Held, was: _traces.Trace) -> bool:
    """Nobody has signed for what followed."""
    return all(held.tasks[name].signed_at is None for name in was.opened)


def _no_recall() -> CannotRecall:
    return CannotRecall("这一步已经不能撤回。", hint="后面已有人办理，或已产生不能收回的结果；请联系现在的办理人退回。")


def _require_still_theirs(turn: Turn, held: Held, task: Task) -> None:
    if task.kind == TaskKind.POST:
        turn.post = _rights.post_for(task, turn.by)
    else:
        _rights.require_applicant(held.case, turn.by)


def _take_back(turn: Turn, held: Held, task: Task, was: _traces.Trace) -> None:
    """Close what followed, open what was closed; the choice no longer counts as done by anybody."""
    if was.opened:
        _tasks.cancel(turn, held, was.opened, how="recalled")
    rows = {row.pk: row for row in Task.objects.filter(pk__in=was.closed.values())}
    Task.objects.filter(pk__in=rows).update(status=TaskStatus.CANCELLED, how="recalled")
    for _, pk in sorted(was.closed.items()):
        _tasks.reopen(turn, held, rows[pk])


def _forget(held: Held, task: Task) -> None:
    """What was taken back cannot be taken back again; what others did may still be."""
    kept = {key: was for key, was in held.undo.items() if key != str(task.pk)}
    held.keep(_traces.alive(kept, held.marking, held.ids))


def _done(held: Held) -> dict[str, Task]:
    """The last task that people, or their silence, finished at each step."""
    rows = Task.objects.filter(case=held.case, status=TaskStatus.DONE, instance="", how__in=("taken", "lapsed"))
    return {task.step: task for task in rows.order_by("id")}


def _is_before_decision(held: Held, task: Task) -> bool:
    decided_at = held.case.decided_at
    return decided_at is not None and task.opened_at <= decided_at


def _holders(task: Task, at: datetime) -> set[int]:
    return {account.id for account in people.holders(task.post, task.org_id, at=at)}
