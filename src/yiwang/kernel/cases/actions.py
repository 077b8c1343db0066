"""Opening cases, moving them, ending them; every other change of a case is re-exported from its own module."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base import rows
from yiwang.kernel.base.contracts import Actor, Place
from yiwang.kernel.base.rows import action
from yiwang.kernel.cases import _book, _engine, _machine, _numbers, _rights, _timing
from yiwang.kernel.cases._again import correct_decision as correct_decision
from yiwang.kernel.cases._again import reopen as reopen
from yiwang.kernel.cases._back import recall as recall
from yiwang.kernel.cases._back import send_back as send_back
from yiwang.kernel.cases._desk import attach as attach
from yiwang.kernel.cases._desk import hand_over as hand_over
from yiwang.kernel.cases._desk import note as note
from yiwang.kernel.cases._desk import sign_for as sign_for
from yiwang.kernel.cases._desk import sign_for_many as sign_for_many
from yiwang.kernel.cases._desk import urge as urge
from yiwang.kernel.cases._flow import Flow
from yiwang.kernel.cases._lapse import turn_after_dues
from yiwang.kernel.cases._limits import extend as extend
from yiwang.kernel.cases._limits import pause as pause
from yiwang.kernel.cases._limits import resume as resume
from yiwang.kernel.cases._migrating import migrate_version as migrate_version
from yiwang.kernel.cases._moves import instance_of, place, step_of
from yiwang.kernel.cases._opening import NewCase, insert
from yiwang.kernel.cases._past import record_past as record_past
from yiwang.kernel.cases._redating import begin_redating as begin_redating
from yiwang.kernel.cases._redating import redate as redate
from yiwang.kernel.cases._redating import resume_redating as resume_redating
from yiwang.kernel.cases._reports import push_outside as push_outside
from yiwang.kernel.cases._reports import report_outside as report_outside
from yiwang.kernel.cases._sweep import SWEEP_BATCH as SWEEP_BATCH
from yiwang.kernel.cases._sweep import sweep as sweep
from yiwang.kernel.cases._turn import Held, Turn, Words, turn_on
from yiwang.kernel.cases._views import case_view
from yiwang.kernel.cases.contracts import (
    CannotAdvance,
    CannotTerminate,
    CannotWithdraw,
    CaseToOpen,
    CaseView,
    GroundsMissing,
    HandledByOther,
)
from yiwang.kernel.cases.kinds import Choice, EachStep, Waiting
from yiwang.kernel.cases.models import Case
from yiwang.kernel.forms import queries as forms
from yiwang.kernel.forms.contracts import NoSuchForm
from yiwang.kernel.workdays.contracts import Limit

AGAIN = "请刷新后再看。"


@action
def open_case(
    *,
    kind: str,
    flow: str,
    title: str,
    org_id: int,
    region_code: str,
    applicant_id: int | None,
    subject: str,
    data: Mapping[str, Any],
    limits: Mapping[str, Limit],
    by: Actor,
    at: datetime,
    family_of: int | None = None,
    slot: str = "",
) -> CaseView:
    """Open a case and its first step; with `family_of` beside the sub-cases of that case.

    `title` must hold no personal data. Raises NotYourCase for somebody else's business, PackNotFound for an unknown
    flow, NoSuchCase for an unknown family.
    """
    _rights.require_opening(applicant_id, by)
    parent: Case | None = None
    if family_of is None:
        turn = Turn(rows.new(Case), by=by, at=at)
    else:
        turn, above = turn_on(family_of, by=by, at=at)
        parent = above.case
    new = NewCase(
        kind=kind,
        flow=_book.current(flow),
        title=title,
        org_id=org_id,
        region_code=region_code,
        applicant_id=applicant_id,
        subject=subject,
        data=data,
        limits=limits,
        parent=parent,
        slot=slot,
        filed_by_id=by.account_id,
    )
    return _opened(turn, new)


@action
def open_many(*, kind: str, flow: str, cases: Sequence[CaseToOpen], by: Actor, at: datetime) -> list[CaseView]:
    """Open cases that have nothing to do with each other, all or none, in the order given; each is a family of its own.

    Numbers are drawn and rows written for all at once. Raises as `open_case`.
    """
    for one in cases:
        _rights.require_opening(one.applicant_id, by)
    current = _book.current(flow)
    turns = [Turn(rows.new(Case), by=by, at=at) for _ in cases]
    drawn = _numbers.of_roots(turns, [one.region_code for one in cases]) if cases else []
    return [
        _opened(turn, _new(kind, current, one, by), its) for turn, one, its in zip(turns, cases, drawn, strict=True)
    ]


@action
def advance(
    *,
    case_id: int,
    step: str,
    choice: str,
    by: Actor,
    at: datetime,
    form: Mapping[str, Any] | None = None,
    grounds: str = "",
    expected_version: int | None = None,
    instance: str = "",
    must_see: bool = False,
) -> CaseView:
    """Take one choice at an open step of a case; `instance` names one of the many tasks of a step that asks many.

    Without it the actor's own organisation is meant. What the others of many did meanwhile does not count as moved on.
    With `must_see` whoever may not see the case learns nothing of how far it is: NotYourCase comes before all else.

    Raises CannotAdvance if the step is closed or does not offer the choice, HandledByOther if the case moved on since
    the page was opened, NotYourStep or SameHolder if `by` may not take it, GroundsMissing, AnswersInvalid.
    """
    turn, held = turn_after_dues(case_id, by=by, at=at)
    if must_see:
        _rights.require_seeing(held.case, by)
    name = _place(held, step, instance, by)
    _require_current(held, name, expected_version)
    chosen = _chosen(held, name, choice)
    _rights.require_taking(turn, held, held.tasks[name], chosen)
    _require_countable(held, chosen)
    words = Words(_form(chosen, form or {}, by), _grounds(chosen, grounds))
    _engine.run(turn, held, _machine.take(held.flow, held.marking, name, choice), words, by_choice=name)
    detail = {"step": step, "choice": choice}
    audit.record("cases.case.advanced", target=f"case:{case_id}", by=by, at=at, detail=detail)
    return case_view(held, at)


@action
def withdraw(*, case_id: int, by: Actor, at: datetime, reason: str = "") -> CaseView:
    """End a case, with all below it that is not decided, because its applicant asks for it.

    Raises NotYourStep for anyone but the applicant, CannotWithdraw after the decision or if the flow forbids it.
    """
    turn, held = turn_after_dues(case_id, by=by, at=at)
    _rights.require_applicant(held.case, by)
    if held.case.closed_at is not None or held.case.decided_at is not None:
        raise CannotWithdraw("已经作出决定的办件不能撤回。", hint="如有异议，可申请复议。")
    if held.flow.body.withdraw == "never":
        raise CannotWithdraw("这类办件不能撤回。", hint="请联系承办单位。")
    turn.write(held, "withdrawn", grounds=reason or None)
    turn.ends_as = _engine.WITHDRAWN
    _engine.run(turn, held, _machine.finish(held.flow, held.marking, turn.ends_as))
    audit.record("cases.case.withdrawn", target=f"case:{case_id}", by=by, at=at)
    return case_view(held, at)


@action
def terminate(*, case_id: int, reason: str, by: Actor, at: datetime) -> CaseView:
    """End a case and all below it by order of a supervisor, who says why.

    Raises NotYourCase without `cases.supervise` there, CannotTerminate if it is closed, GroundsMissing.
    """
    turn, held = turn_after_dues(case_id, by=by, at=at)
    _rights.require_staff(turn, held, _rights.SUPERVISE)
    if held.case.closed_at is not None:
        raise CannotTerminate("办件已经办结。", hint=AGAIN)
    if not reason.strip():
        raise _no_grounds()
    turn.write(held, "terminated", grounds=reason)
    turn.spares_decided = False
    _engine.run(turn, held, _machine.finish(held.flow, held.marking, turn.ends_as))
    audit.record("cases.case.terminated", target=f"case:{case_id}", by=by, at=at, detail={"reason": reason})
    return case_view(held, at)


def _new(kind: str, flow: Flow, one: CaseToOpen, by: Actor) -> NewCase:
    return NewCase(
        kind=kind,
        flow=flow,
        title=one.title,
        org_id=one.org_id,
        region_code=one.region_code,
        applicant_id=one.applicant_id,
        subject=one.subject,
        data=one.data,
        limits=one.limits,
        filed_by_id=by.account_id,
    )


def _opened(turn: Turn, new: NewCase, drawn: tuple[str, str] | None = None) -> CaseView:
    held = insert(turn, new, drawn)
    turn.tell(held, "opened", flow=new.flow.id)
    _engine.run(turn, held, _machine.begin(held.flow))
    target, detail = f"case:{held.case.pk}", {"flow": new.flow.id}
    audit.record("cases.case.opened", target=target, by=turn.by, at=turn.at, detail=detail)
    return case_view(held, turn.at)


def _place(held: Held, step: str, instance: str, by: Actor) -> str:
    """Where the actor acts: at a step of many their own organisation's task, unless one is named."""
    if instance or not isinstance(held.flow.steps.get(step), EachStep):
        return place(step, instance)
    own = {post.org_id for post in by.posts}
    mine = [name for name, task in held.tasks.items() if task.step == step and task.instance and task.org_id in own]
    if len(mine) > 1:
        raise CannotAdvance("请指明代表哪个单位办理。", hint="请从待办列表打开对应的一件。")
    return mine[0] if mine else step


def _require_current(held: Held, name: str, expected_version: int | None) -> None:
    if expected_version not in (None, held.case.version) and not instance_of(name):
        raise HandledByOther("办件已被他人办理。", hint=AGAIN)
    if name not in held.tasks:
        raise CannotAdvance("这一步已经办完。", hint=AGAIN)


def _chosen(held: Held, name: str, choice: str) -> Choice:
    part = held.flow.steps[step_of(name)]
    if not isinstance(part, Waiting) or choice not in _machine.offered(held.flow, held.marking, name):
        raise CannotAdvance("这一步不能这样办。", hint=AGAIN)
    return part.choices[choice]


def _require_countable(held: Held, choice: Choice) -> None:
    if choice.decides and any(clock.is_paused for clock in _timing.over_case(held)):
        raise CannotAdvance("计时暂停中，不能作出决定。", hint="请先恢复计时。")


def _form(choice: Choice, answers: Mapping[str, Any], by: Actor) -> dict[str, Any]:
    """The answers that a choice asks for, as its form stores them; without a form they are the effects' business."""
    if not choice.form:
        return dict(answers)
    try:
        form = forms.get(choice.form)
    except NoSuchForm:
        # The case runs on a flow whose form a later release took back: it must not get stuck for that.
        return dict(answers)
    return dict(forms.validate(form, dict(answers), by=by))


def _grounds(choice: Choice, grounds: str) -> str:
    if choice.grounds == "required" and not grounds.strip():
        raise _no_grounds()
    return grounds.strip()


def _no_grounds() -> GroundsMissing:
    return GroundsMissing("请说明理由。", places=[Place("grounds", "请说明理由。")], hint="申请人会看到这段文字。")
