"""Plays a flow's worked examples on the pure machine."""

from collections.abc import Iterable

from yiwang.kernel.cases import _machine
from yiwang.kernel.cases._errors import CannotAdvance
from yiwang.kernel.cases._flow import Flow
from yiwang.kernel.cases._moves import Decided, Ended, Marking, Move, NotOffered, NotOpen, Timed, step_of
from yiwang.kernel.cases._shapes import Standing
from yiwang.kernel.cases.kinds import FlowExample, FlowPack, SubcasesStep, Then

SILENCE = "silence"
UNITS = 2


def outcome_of(flow: Flow, example: FlowExample) -> str:
    """What is wrong with an example, in words; empty when it holds."""
    move = _machine.begin(flow)
    move = convened(flow, move, example.units)
    running = _timed(move, frozenset(), flow.body)
    for given in example.given:
        try:
            move = played(flow, move.marking, given, example.units)
        except (NotOpen, NotOffered):
            return f"到不了“{given}”，当时开着的是 {_list(move.marking.open)}"
        running = _timed(move, running, flow.body)
    return _compared(flow, move.marking, running, example.then)


def rehearsed(flow: Flow, taken: Iterable[str]) -> Standing:
    """Where a flow stands after choices. Raises CannotAdvance."""
    move = convened(flow, _machine.begin(flow), UNITS)
    for given in taken:
        try:
            move = played(flow, move.marking, given)
        except (NotOpen, NotOffered) as wrong:
            raise CannotAdvance(f"流程这时不能办“{given}”。", hint="请核对前面的环节。") from wrong
    return Standing(move.marking.open, move.marking.outcome, move.marking.is_ended)


def played(flow: Flow, marking: Marking, given: str, units: int = UNITS) -> Move:
    """One thing done, written `step.choice`, `step#instance.choice` at a step of many. Raises NotOpen, NotOffered."""
    name, _, what = given.partition(".")
    return convened(flow, _played(flow, marking, name, what), units)


def _played(flow: Flow, marking: Marking, name: str, what: str) -> Move:
    if name not in marking.open:
        raise NotOpen(name)
    if what == SILENCE:
        return _machine.lapse(flow, marking, name)
    if isinstance(flow.steps[step_of(name)], SubcasesStep):
        if what not in ("all", "some", "none"):
            raise NotOffered(f"{name}.{what}")
        return _machine.settle(flow, marking, name, what)  # type: ignore[arg-type]
    return _machine.take(flow, marking, name, what)


def convened(flow: Flow, move: Move, units: int) -> Move:
    """The move with every step of many that it opened asking `units` organisations, called 1, 2 …"""
    for _ in flow.steps:
        for step in _machine.unconvened(flow, move.marking)[:1]:
            asked = _machine.convene(flow, move.marking, step, [str(n + 1) for n in range(units)])
            move = Move(asked.marking, move.commands + asked.commands)
    return move


def _timed(move: Move, running: frozenset[str], body: FlowPack) -> frozenset[str]:
    """Which of the flow's clocks run after a move."""
    for command in move.commands:
        match command:
            case Timed(starts, stops):
                running = (running | set(starts)) - set(stops)
            case Decided():
                running = frozenset(name for name in running if body.clocks[name].until != "decision")
            case Ended():
                running = frozenset()
    return running


def _compared(flow: Flow, marking: Marking, running: frozenset[str], then: Then) -> str:
    if then.open is not None and set(then.open) != {step_of(name) for name in marking.open}:
        return f"开着的环节是 {_list(marking.open)}"
    if then.ended is not None and not marking.is_ended:
        return f"还没有结束，开着的环节是 {_list(marking.open)}"
    if then.ended is not None and then.ended != marking.outcome:
        return f"结果是“{marking.outcome}”"
    if then.running is not None and set(then.running) != running:
        return f"在走的时限是 {_list(running)}"
    for text in (*then.offered, *then.not_offered):
        step, _, choice = text.partition(".")
        if (choice in _machine.offered(flow, marking, step)) != (text in then.offered):
            return f"“{text}”{'不能办' if text in then.offered else '仍可办'}"
    return ""


def _list(names: frozenset[str]) -> str:
    return "、".join(sorted(names)) or "无"
