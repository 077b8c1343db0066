"""Beginning again: reopening a closed case (重新办理), and putting a decision right (更正, 撤销)."""

from datetime import datetime

from django.db import transaction

from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor, Place
from yiwang.kernel.cases import _engine, _machine, _rights, _subcases, _timing
from yiwang.kernel.cases._lapse import turn_after_dues
from yiwang.kernel.cases._moves import Move
from yiwang.kernel.cases._turn import Held, Turn, Words
from yiwang.kernel.cases._views import basis, case_view
from yiwang.kernel.cases.contracts import CannotCorrect, CannotReopen, CaseStatus, CaseView, GroundsMissing
from yiwang.kernel.cases.kinds import ApplicantStep, CorrectionPart, PostStep
from yiwang.kernel.cases.models import CaseEvent, Correction, Task
from yiwang.kernel.ledger import actions as ledger

AGAIN = "请刷新后再看。"


@transaction.atomic
def reopen(*, case_id: int, step: str, reason: str, by: Actor, at: datetime) -> CaseView:
    """重新办理: open a closed case again at a step it has been through; its history stays, its limits run anew.

    What was decided stays decided: such a case is reopened after its decision, or the decision is corrected.
    Raises NotYourCase without `cases.reopen` there, CannotReopen, GroundsMissing.
    """
    turn, held = turn_after_dues(case_id, by=by, at=at)
    _rights.require_staff(turn, held, _rights.REOPEN)
    if held.case.closed_at is None:
        raise CannotReopen("办件还没有办结。", hint=AGAIN)
    if step not in reopenings(held):
        raise CannotReopen("不能从这个环节重新办理。", hint="作过决定的办件，请用更正或撤销。")
    said = _said(reason)
    detail = {"was": held.case.outcome, "closed_at": held.case.closed_at.isoformat()}
    turn.write(held, "reopened", step=step, grounds=said, detail=detail)
    _restart(turn, held, step, outcome=held.case.outcome if held.case.decided_at else "")
    turn.tell(held, "reopened", step=step)
    audit.record("cases.case.reopened", target=f"case:{case_id}", by=by, at=at, detail={"step": step, "reason": said})
    return case_view(held, at)


@transaction.atomic
def correct_decision(*, case_id: int, correction: str, reason: str, by: Actor, at: datetime) -> CaseView:
    """更正, 撤销: put another outcome in the place of a decision, or have it decided anew; the old one stays on record.

    Runs the effects that the flow names for it. Raises NotYourCase without `cases.correct` there, CannotCorrect if
    nothing is decided or the flow knows no such correction, GroundsMissing.
    """
    turn, held = turn_after_dues(case_id, by=by, at=at)
    _rights.require_staff(turn, held, _rights.CORRECT)
    decided_at, part = held.case.decided_at, held.flow.body.corrections.get(correction)
    if decided_at is None:
        raise CannotCorrect("还没有作出决定，没有可更正的。", hint=AGAIN)
    if part is None:
        raise CannotCorrect("这类办件的流程没有这种更正办法。", hint="请核对流程的 corrections。")
    if not changes(held, part):
        raise CannotCorrect("办件的结果已经是这样，不用再更正。", hint=AGAIN)
    said = _said(reason)
    row = _kept(turn, held, correction, part, said, decided_at)
    _replace(turn, held, correction, part, said)
    content = {
        "number": held.case.number,
        "correction": row.pk,
        "decision": row.decision_id,
        "decided_at": decided_at.isoformat(),
        "outcome_before": row.outcome_before,
        "outcome": row.outcome,
        "reason": said,
    }
    ledger.add(kind="cases.case.corrected", subject=f"case:{held.case.number}", content=content, by=by, at=at)
    turn.tell(held, "corrected", correction=correction, outcome_before=row.outcome_before)
    detail = {"correction": correction, "outcome_before": row.outcome_before}
    audit.record("cases.case.corrected", target=f"case:{case_id}", by=by, at=at, detail=detail)
    return case_view(held, at)


def reopenings(held: Held) -> dict[str, datetime]:
    """The steps at which a closed case may be reopened, with when it first came there."""
    allowed = held.flow.body.reopen
    if held.case.closed_at is None or allowed == "never":
        return {}
    first: dict[str, datetime] = {}
    for task in Task.objects.filter(case=held.case, instance="").order_by("id"):
        part = held.flow.steps.get(task.step)
        if isinstance(part, PostStep | ApplicantStep) and held.flow.scopes[task.step] == ():
            first.setdefault(task.step, task.opened_at)
    decided_at = held.case.decided_at
    return {
        step: at
        for step, at in first.items()
        if (allowed == "any" or step in allowed) and (decided_at is None or not _decides_from(held, step))
    }


def changes(held: Held, part: CorrectionPart) -> bool:
    """Whether a correction would make anything of a case that it is not yet."""
    return part.outcome is None or part.outcome != held.case.outcome


def _decides_from(held: Held, step: str) -> bool:
    """Whether a decision is still to be taken at a step or after it."""
    seen, waiting = set(), [step]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        waiting += held.flow.forward[name]
        choices = getattr(held.flow.steps[name], "choices", {})
        if any(choice.decides for choice in choices.values()):
            return True
    return False


def _kept(turn: Turn, held: Held, code: str, part: CorrectionPart, said: str, decided_at: datetime) -> Correction:
    decision = (
        CaseEvent.objects.filter(case=held.case, kind__in=("advanced", "lapsed"), effective_at__lte=decided_at)
        .exclude(choice="")
        .order_by("-effective_at", "-id")
        .first()
    )
    row = Correction.objects.create(
        case=held.case,
        decision=decision,
        code=code,
        outcome_before=held.case.outcome,
        decided_before_at=decided_at,
        outcome=part.outcome or "",
        reason=said,
        account_id=turn.by.account_id,
        corrected_at=turn.at,
    )
    detail = {"correction": code, "was": held.case.outcome, "id": row.pk, "basis": basis(part.basis)}
    turn.write(held, "corrected", grounds=said, detail=detail)
    return row


def _replace(turn: Turn, held: Held, code: str, part: CorrectionPart, said: str) -> None:
    """Run what the flow names for a correction, then bring the case to where it leads."""
    _engine.run_effects(turn, held, "", code, part.effects, Words(grounds=said))
    if part.to:
        held.set(decided_at=None)
        _restart(turn, held, part.to)
    elif held.case.closed_at is None:
        _engine.run(turn, held, _machine.finish(held.flow, held.marking, part.outcome or ""))
    else:
        held.set(outcome=part.outcome or "")
        _subcases.corrected(held)
        turn.moved(held)
        turn.flush()


def _restart(turn: Turn, held: Held, step: str, outcome: str = "") -> None:
    """Begin again at a step; limits that ran when the case first came there run anew."""
    names = _running_at(held, step)
    was_closed = held.case.closed_at is not None
    move: Move = _machine.restart(held.flow, held.marking, step, outcome)
    _timing.stop(turn, held, _timing.over_case(held))
    held.set(status=CaseStatus.OPEN.value, closed_at=None, reopened_at=turn.at)
    _timing.restart(turn, held, names)
    if was_closed:
        _subcases.reopened(turn, held)
    _engine.run(turn, held, move)


def _running_at(held: Held, step: str) -> list[str]:
    """The limits over several steps that ran, or had been started, when the case first came to a step."""
    first = Task.objects.filter(case=held.case, step=step).order_by("id").first()
    came_at = first.opened_at if first else held.case.opened_at
    clocks = held.flow.body.clocks
    return [
        name
        for name in dict.fromkeys(clock.name for clock in _timing.every(held) if clock.task_id is None)
        if name in clocks
        and not (held.case.decided_at is not None and clocks[name].until == "decision")
        and any(clock.name == name and clock.started_at <= came_at for clock in _timing.every(held))
    ]


def _said(reason: str) -> str:
    if not reason.strip():
        raise GroundsMissing("请说明理由。", places=[Place("reason", "请说明理由。")], hint="申请人会看到这段文字。")
    return reason.strip()
