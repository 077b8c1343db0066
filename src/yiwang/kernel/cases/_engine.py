"""Carries out what the machine decided: closes and opens tasks, runs effects, ends cases, wakes their parents."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from yiwang.kernel.cases import _machine, _outside, _rounds, _subcases, _tasks, _timing, _traces, contracts
from yiwang.kernel.cases._graph import around
from yiwang.kernel.cases._moves import (
    Accepted,
    Cancelled,
    Closed,
    Command,
    Convened,
    Decided,
    Ended,
    How,
    Marking,
    Move,
    Opened,
    Ran,
    Timed,
    instance_of,
    step_of,
)
from yiwang.kernel.cases._turn import TERMINATED, Held, Turn, Words
from yiwang.kernel.cases._views import case_view
from yiwang.kernel.cases.contracts import CaseStatus, EffectContext, NotInstalled
from yiwang.kernel.cases.kinds import EachStep, EffectCall, OutsideStep, SubcasesStep
from yiwang.kernel.cases.models import Case, Task
from yiwang.kernel.ledger import actions as ledger

SETTLES_MAX = 500
WITHDRAWN = "withdrawn"
SAID = ("taken", "lapsed", "returned")
"""Ways of closing a step to which the words of the move belong."""
_moving: ContextVar[frozenset[int]] = ContextVar("moving", default=frozenset())


def run(turn: Turn, held: Held, move: Move, words: Words = Words(), *, by_choice: str = "") -> None:
    """Carry out a move and all that follows from it in the family; ends with everything written.

    `by_choice` is the place of a choice that a person took and may want to take back.
    """
    before, ids = held.marking, held.ids
    with _alone(turn.root):
        _carry_out(turn, held, move, words)
        for _ in range(SETTLES_MAX):
            if not turn.queue:
                break
            _settle(turn, *turn.queue.popleft())
        else:
            raise RecursionError(f"family {turn.root.pk} does not come to rest")
    _remember(turn, held, before, ids, by_choice)
    turn.flush()


def _remember(turn: Turn, held: Held, before: Marking, ids: Mapping[str, int], by_choice: str) -> None:
    """Keep how to take a choice back, and forget how to take back those on which somebody has acted since."""
    now = held.marking
    gone_on = _gone_on_without(held, before, ids)
    alive = _traces.alive(_traces.besides(held.undo, gone_on), now, held.ids)
    if by_choice and not turn.lasting and not now.is_ended:
        # By task and not by place: a choice may lead back to its own step.
        closed = {name: pk for name, pk in sorted(ids.items()) if held.ids.get(name) != pk}
        opened = {name: pk for name, pk in sorted(held.ids.items()) if ids.get(name) != pk}
        alive[str(ids[by_choice])] = _traces.trace(before, now, closed, opened, turn.ran).stored()
    held.keep(alive)


def _stands_in(held: Held, step: str, outer: frozenset[str]) -> bool:
    return any(name in outer for name, _ in around(step, held.flow.steps[step], held.flow.scopes[step]))


def _gone_on_without(held: Held, before: Marking, ids: Mapping[str, int]) -> set[str]:
    """The joins that had gone on without those who acted now: had they not, the act would have meant something else."""
    acted = {step_of(name) for name, pk in ids.items() if held.ids.get(name) != pk}
    outer = {name for step in acted for name, _ in around(step, held.flow.steps[step], held.flow.scopes[step])}
    return outer - before.forks.keys() - before.rounds.keys()


def run_effects(turn: Turn, held: Held, step: str, choice: str, effects: Iterable[EffectCall], words: Words) -> None:
    """Run effects that belong to no move."""
    with _alone(turn.root):
        for call in effects:
            _effect(turn, held, step, choice, call, words)


def is_moving(root: Case) -> bool:
    """Whether we are inside an effect of a move of this family."""
    return root.pk in _moving.get()


@contextmanager
def _alone(root: Case) -> Iterator[None]:
    """An effect may note, attach or pause; moving the very family that is being moved would lose one of the moves."""
    if root.pk in _moving.get():
        raise RuntimeError("an effect must not advance a case of the family that runs it")
    token = _moving.set(_moving.get() | {root.pk})
    try:
        yield
    finally:
        _moving.reset(token)


def _carry_out(turn: Turn, held: Held, move: Move, words: Words) -> None:
    for command in move.commands:
        _do(turn, held, command, words)
    held.mark(move.marking)
    if move.given_up and held.undo:
        held.keep(_traces.besides_steps(held.undo, lambda step: _stands_in(held, step, move.given_up)))
    if not held.is_new:
        turn.moved(held)
    held.is_new = False


def _do(turn: Turn, held: Held, command: Command, words: Words) -> None:
    match command:
        case Closed(name, how, choice):
            _close(turn, held, name, how, choice, words)
        case Cancelled(places):
            turn.lasting.add("cancelled")
            _cancel(turn, held, places)
        case Opened(step):
            _open(turn, held, step)
        case Convened(step, instances):
            _rounds.convene(turn, held, step, instances)
        case Ran(step, choice, effects):
            for call in effects:
                _effect(turn, held, step, choice, call, words)
        case _:
            _count(turn, held, command, words)


def _count(turn: Turn, held: Held, command: Command, words: Words) -> None:
    """What a command does to the case as a whole; none of it can be taken back."""
    turn.lasting.add(type(command).__name__)
    match command:
        case Timed(starts, stops):
            _timing.start(turn, held, starts)
            _timing.stop(turn, held, [clock for clock in _timing.over_case(held) if clock.name in stops])
        case Accepted():
            if held.case.accepted_at is None:
                held.set(accepted_at=turn.effective_at)
                turn.tell(held, "accepted")
        case Decided(outcome):
            _decide(turn, held, outcome, words)
        case Ended(outcome):
            _end(turn, held, outcome)


def _close(turn: Turn, held: Held, name: str, how: How, choice: str, words: Words) -> None:
    step, instance = step_of(name), instance_of(name)
    task = None if how == "automatic" else _tasks.close(turn, held, name, how, choice)
    is_said = how in SAID
    turn.write(
        held,
        {"taken": "advanced", "automatic": "ran"}.get(how, how),
        step=step,
        choice=choice,
        grounds=words.grounds or None if is_said else None,
        form=dict(words.form) or None if is_said else None,
        # What one of many says is for whoever asked, not for the applicant.
        is_visible=not instance,
        detail={"to": choice} if how == "returned" else _asked(task) if task and instance else None,
    )
    if task is None:
        return
    turn.tell(held, "advanced", step=step, choice=choice, how=how)
    if isinstance(held.flow.steps[step], OutsideStep):
        # The call is over: a step taken back could not ask again.
        turn.lasting.add("outside")
        _outside.close(turn, task)


def _asked(task: Task) -> dict[str, int]:
    return {"task": task.pk, "org": task.org_id}


def _cancel(turn: Turn, held: Held, places: Iterable[str]) -> None:
    tasks = _tasks.cancel(turn, held, places)
    for step in dict.fromkeys(task.step for task in tasks):
        turn.write(held, "cancelled", step=step, is_visible=False)
    for task in tasks:
        match held.flow.steps[task.step]:
            case OutsideStep():
                _outside.close(turn, task)
            case SubcasesStep():
                _end_below(turn, _subcases.cancel(turn, held, task.step))


def _open(turn: Turn, held: Held, step: str) -> None:
    task = _tasks.open_task(turn, held, step)
    match held.flow.steps[step]:
        case OutsideStep() as part:
            turn.lasting.add("outside")
            _outside.open_call(turn, held, task, part)
        case SubcasesStep() as part:
            turn.lasting.add("subcases")
            turn.flush()
            _subcases.plan(held, task, part, case_view(held, turn.at))
            turn.queue.append((held.case.pk, step))
        case EachStep():
            turn.queue.append((held.case.pk, step))


def _effect(turn: Turn, held: Held, step: str, choice: str, call: EffectCall, words: Words) -> None:
    effect = contracts.effects.get(call.do)
    if effect is None:
        raise NotInstalled(f"这一步要用的功能“{call.do}”没有安装。", hint="请联系管理员。")
    turn.flush()
    before = _timing.saves()
    add_result(held, effect(context_of(turn, held, step, choice, call.params, words)))
    if _timing.saves() != before:
        # It paused or resumed them.
        held.clocks = None
    if call.do not in contracts.undos:
        turn.lasting.add(call.do)
    turn.ran.append({"do": call.do, "step": step, "choice": choice, "params": dict(call.params)})


def context_of(
    turn: Turn, held: Held, step: str, choice: str, params: Mapping[str, Any], words: Words
) -> EffectContext:
    return EffectContext(
        case=case_view(held, turn.at),
        step=step,
        choice=choice,
        form=words.form,
        grounds=words.grounds,
        by=turn.by,
        at=turn.at,
        params=params,
    )


def keep(context: EffectContext) -> Mapping[str, Any]:
    """The effect `cases.keep`: what was filled in stays with the case's results; `fields` says which of it."""
    fields = context.params.get("fields") or list(context.form)
    return {name: context.form[name] for name in fields if name in context.form}


def forget(context: EffectContext) -> None:
    """The undoing of `cases.keep`: what stays among the results is overwritten when the choice is taken again."""


def add_result(held: Held, more: Mapping[str, Any] | None) -> None:
    """Keep what a case hands on to the cases that depend on it."""
    if more:
        held.set(result={**(held.case.result or {}), **more})


def _decide(turn: Turn, held: Held, outcome: str, words: Words) -> None:
    held.set(decided_at=turn.effective_at, outcome=outcome)
    until_decision = [name for name, clock in held.flow.body.clocks.items() if clock.until == "decision"]
    _timing.stop(turn, held, [clock for clock in _timing.over_case(held) if clock.name in until_decision])
    content = {"number": held.case.number, "kind": held.case.kind, "outcome": outcome, "grounds": words.grounds}
    ledger.add(kind="cases.case.decided", subject=f"case:{held.case.number}", content=content, by=turn.by, at=turn.at)
    turn.tell(held, "decided")


def _end(turn: Turn, held: Held, outcome: str) -> None:
    _timing.stop(turn, held, _timing.running(held))
    held.set(status=CaseStatus.CLOSED.value, closed_at=turn.effective_at, outcome=outcome)
    turn.write(held, "closed", detail={"outcome": outcome})
    turn.tell(held, "closed")
    if outcome in (WITHDRAWN, TERMINATED):
        _end_below(turn, _subcases.children(turn, held))
    if held.case.parent_id is not None:
        step = _subcases.finished(turn, held)
        if step:
            turn.queue.append((held.case.parent_id, step))


def _end_below(turn: Turn, children: Iterable[Held]) -> None:
    """End sub-cases with their parent; one that is decided goes its own way, unless all are ended by order."""
    for child in children:
        is_spared = child.case.decided_at is not None and turn.spares_decided
        if child.case.closed_at is None and not is_spared:
            _carry_out(turn, child, _machine.finish(child.flow, child.marking, turn.ends_as), Words())


def _settle(turn: Turn, parent_id: int, step: str) -> None:
    """Go on at a step whose tasks or sub-cases only now can be known, or have changed."""
    parent = turn.hold(parent_id)
    if step not in parent.tasks:
        return
    turn.flush()
    part = parent.flow.steps[step]
    if isinstance(part, EachStep):
        if step in _machine.unconvened(parent.flow, parent.marking):
            asked = _rounds.asked(turn, parent, step, part)
            _carry_out(turn, parent, _machine.convene(parent.flow, parent.marking, step, asked), Words())
    elif isinstance(part, SubcasesStep):
        _settle_below(turn, parent, step, part)


def _settle_below(turn: Turn, parent: Held, step: str, part: SubcasesStep) -> None:
    """Open the sub-cases whose turn it is; go on when enough are done."""
    for slot in _subcases.ready(parent, step):
        child = _subcases.open_child(turn, parent, slot)
        _carry_out(turn, child, _machine.begin(child.flow), Words())
    tally = _subcases.tally(parent, step)
    if tally is None:
        return
    if part.late == "cancel":
        _end_below(turn, _subcases.cancel(turn, parent, step))
    else:
        _subcases.skip(parent, step)
    _carry_out(turn, parent, _machine.settle(parent.flow, parent.marking, step, tally), Words())
