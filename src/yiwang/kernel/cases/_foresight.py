"""What a choice would set going: the machine's move with its effects, looked at and not carried out."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.cases import _book, _machine, _reading, _rights, _timing
from yiwang.kernel.cases._errors import missing
from yiwang.kernel.cases._moves import Accepted, Cancelled, Closed, Command, Decided, Ran, Timed
from yiwang.kernel.cases._turn import Held, Turn, by_place
from yiwang.kernel.cases._views import case_view
from yiwang.kernel.cases.contracts import CannotAdvance, CaseView, EffectContext, ForeseenEffect
from yiwang.kernel.cases.kinds import Waiting
from yiwang.kernel.workdays.contracts import Limit


def foresee(
    *, case_id: int, step: str, choice: str, form: Mapping[str, Any], grounds: str, by: Actor, at: datetime
) -> tuple[ForeseenEffect, ...]:
    case = _reading.case(case_id)
    if case is None:
        raise missing()
    tasks = by_place(_reading.open_tasks(case_id))
    held = Held(case, _book.pinned(case.flow_id, case.flow_hash), tasks)
    turn = Turn(_reading.case(case.family_id) or case, by=by, at=at)
    part = held.flow.steps.get(step)
    if not isinstance(part, Waiting) or choice not in _machine.offered(held.flow, held.marking, step):
        raise CannotAdvance("这一步不能这样办。", hint="请刷新后再看。")
    _rights.require_taking(turn, held, tasks[step], part.choices[choice])
    move = _machine.take(held.flow, held.marking, step, choice)
    return tuple(
        ForeseenEffect(call.do, EffectContext(view, ran.step, ran.choice, form, grounds, by, at, call.params))
        for ran, view in _runs(turn, held, move.commands)
        for call in ran.effects
    )


def limit_after(case: CaseView, step: str, choice: str) -> Limit | None:
    """The limit of the step to which a choice leads."""
    steps = _book.pinned(case.flow_id, case.flow_hash).steps
    part = steps.get(step)
    leads = steps.get(part.choices[choice].to) if isinstance(part, Waiting) and choice in part.choices else None
    return leads.limit if isinstance(leads, Waiting) else None


def _runs(turn: Turn, held: Held, commands: tuple[Command, ...]) -> Iterator[tuple[Ran, CaseView]]:
    """Each run of effects with the case as it will stand then; nothing of it is written."""
    for command in commands:
        match command:
            case Closed(name):
                held.tasks.pop(name, None)
            case Cancelled(places):
                for name in places:
                    held.tasks.pop(name, None)
            case Timed(starts, _):
                _timing.every(held).extend(_fresh(turn, held, starts))
            case Accepted():
                held.case.accepted_at = held.case.accepted_at or turn.effective_at
            case Decided(outcome):
                held.case.decided_at, held.case.outcome = turn.effective_at, outcome
            case Ran():
                yield command, case_view(held, turn.at)


def _fresh(turn: Turn, held: Held, names: tuple[str, ...]) -> list[Any]:
    known = {clock.name for clock in _timing.every(held)}
    lengths = {name: _timing.length(held, name) for name in names if name not in known}
    return [_timing.new_clock(turn, held, name, limit) for name, limit in lengths.items() if limit is not None]
