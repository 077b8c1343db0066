"""Where a flow goes next: pure functions from a marking and one thing that happened to commands and a new marking."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from yiwang.kernel.cases._flow import Flow
from yiwang.kernel.cases.kinds import (
    JOIN,
    AutomaticStep,
    Choice,
    EffectCall,
    EndStep,
    ParallelStep,
    Route,
    SubcasesStep,
    Waiting,
)

COMPLETED = "completed"
MOVES_MAX = 1_000

Tally: TypeAlias = Literal["all", "some", "none"]
How: TypeAlias = Literal["taken", "lapsed", "settled", "cancelled", "automatic"]


class NotOpen(Exception):
    """The step is not open."""


class NotOffered(Exception):
    """The step is open and does not offer the choice."""


@dataclass(frozen=True, slots=True)
class Marking:
    """Where a case stands: open steps, running parallel steps with the branches that arrived, choices used up."""

    open: frozenset[str] = frozenset()
    forks: Mapping[str, frozenset[str]] = field(default_factory=dict)
    taken: frozenset[str] = frozenset()
    outcome: str = ""
    is_ended: bool = False


@dataclass(frozen=True, slots=True)
class Closed:
    step: str
    how: How
    choice: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    step: str


@dataclass(frozen=True, slots=True)
class Ran:
    """Effects to run, in order."""

    step: str
    choice: str
    effects: tuple[EffectCall, ...]


@dataclass(frozen=True, slots=True)
class Timed:
    """Clocks to start and to stop."""

    starts: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Accepted:
    pass


@dataclass(frozen=True, slots=True)
class Decided:
    outcome: str


@dataclass(frozen=True, slots=True)
class Ended:
    outcome: str


Command: TypeAlias = Closed | Opened | Ran | Timed | Accepted | Decided | Ended


@dataclass(frozen=True, slots=True)
class Move:
    """The new marking, and what has to be done to get there, in order."""

    marking: Marking
    commands: tuple[Command, ...]


def begin(flow: Flow) -> Move:
    """Enter the first step."""
    walk = _Walk(flow, Marking())
    walk.enter(flow.body.start)
    return walk.move()


def offered(flow: Flow, marking: Marking, step: str) -> tuple[str, ...]:
    """The choices that an open step offers; one that is `once` is offered once in a case's life."""
    found = flow.steps.get(step)
    if step not in marking.open or not isinstance(found, Waiting):
        return ()
    return tuple(name for name, choice in found.choices.items() if not _used(marking, step, name, choice))


def take(flow: Flow, marking: Marking, step: str, choice: str, *, how: How = "taken") -> Move:
    """Take a choice at an open step. Raises NotOpen, NotOffered."""
    if step not in marking.open:
        raise NotOpen(step)
    if choice not in offered(flow, marking, step):
        raise NotOffered(f"{step}.{choice}")
    found = flow.steps[step]
    assert isinstance(found, Waiting)
    chosen = found.choices[choice]
    walk = _Walk(flow, marking)
    walk.close(step, how, choice)
    if chosen.once:
        walk.taken.add(f"{step}.{choice}")
    walk.mark(chosen)
    walk.follow(step, choice, chosen)
    return walk.move()


def lapse(flow: Flow, marking: Marking, step: str) -> Move:
    """What an open step's silence does. Raises NotOpen; NotOffered if the step only raises the alarm."""
    if step not in marking.open:
        raise NotOpen(step)
    found = flow.steps[step]
    silence = found.silence if isinstance(found, Waiting) else None
    if silence and silence.take:
        return take(flow, marking, step, silence.take, how="lapsed")
    if not silence or not silence.route:
        raise NotOffered(f"{step}.silence")
    walk = _Walk(flow, marking)
    walk.close(step, "lapsed")
    walk.follow(step, "", silence.route)
    return walk.move()


def settle(flow: Flow, marking: Marking, step: str, tally: Tally) -> Move:
    """Go on from a sub-cases step whose join is reached; `tally` says how many came out well. Raises NotOpen."""
    if step not in marking.open:
        raise NotOpen(step)
    found = flow.steps[step]
    assert isinstance(found, SubcasesStep)
    other = {"some": found.if_some, "none": found.if_none, "all": None}[tally]
    walk = _Walk(flow, marking)
    walk.close(step, "settled", tally)
    walk.follow(step, tally, other or _route(found))
    return walk.move()


def finish(flow: Flow, marking: Marking, outcome: str) -> Move:
    """Close the case from wherever it stands."""
    walk = _Walk(flow, replace(marking, outcome=outcome))
    walk.end()
    return walk.move()


def needed(join: str | int, among: int) -> int:
    """How many of so many branches or sub-cases a join waits for."""
    if join == "all":
        return among
    return 1 if join == "any" else min(int(join), among)


def _used(marking: Marking, step: str, name: str, choice: Choice) -> bool:
    return choice.once and f"{step}.{name}" in marking.taken


def _route(step: AutomaticStep | ParallelStep | SubcasesStep) -> Route:
    return Route(to=step.to, outcome=step.outcome, leaves=step.leaves, effects=step.effects)


class _Walk:
    """One move in the making."""

    def __init__(self, flow: Flow, marking: Marking) -> None:
        self.flow = flow
        self.open = set(marking.open)
        self.forks = dict(marking.forks)
        self.taken = set(marking.taken)
        self.outcome = marking.outcome
        self.is_ended = marking.is_ended
        self.commands: list[Command] = []
        self.moves = 0

    def move(self) -> Move:
        marking = Marking(frozenset(self.open), self.forks, frozenset(self.taken), self.outcome, self.is_ended)
        return Move(marking, tuple(self.commands))

    def close(self, step: str, how: How, choice: str = "") -> None:
        self.open.discard(step)
        self.commands.append(Closed(step, how, choice))

    def mark(self, choice: Choice) -> None:
        """What a choice says about the case as a whole."""
        if choice.outcome:
            self.outcome = choice.outcome
        if choice.accepts or choice.starts:
            self.commands.append(Accepted())
        if choice.decides:
            self.commands.append(Decided(self.outcome))
        if choice.starts or choice.stops:
            self.commands.append(Timed(choice.starts, choice.stops))

    def follow(self, step: str, choice: str, route: Route) -> None:
        if route.outcome:
            self.outcome = route.outcome
        if route.effects:
            self.commands.append(Ran(step, choice, route.effects))
        if route.to == JOIN:
            self._arrive(step)
            return
        if route.leaves:
            self._leave(step, route.to)
        self.enter(route.to)

    def enter(self, name: str) -> None:
        self.moves += 1
        if self.moves > MOVES_MAX:
            raise RecursionError(f"flow {self.flow.id} runs in a circle at {name}")
        match self.flow.steps[name]:
            case EndStep() as step:
                self.outcome = step.outcome or self.outcome or COMPLETED
                self.end()
            case AutomaticStep() as step:
                self.commands.append(Closed(name, "automatic"))
                if step.starts or step.stops:
                    self.commands.append(Timed(step.starts, step.stops))
                self.follow(name, "", _route(step))
            case ParallelStep() as step:
                self._fork(name, step)
            case _:
                self.open.add(name)
                self.commands.append(Opened(name))

    def end(self) -> None:
        self._cancel(sorted(self.open))
        self.forks.clear()
        self.is_ended = True
        self.commands.append(Ended(self.outcome))

    def _fork(self, name: str, step: ParallelStep) -> None:
        self._clear(name)
        self.forks[name] = frozenset()
        for branch in step.branches:
            # A branch of nothing but automatic steps may already have satisfied the join.
            if name not in self.forks:
                return
            self.enter(branch)

    def _arrive(self, step: str) -> None:
        name, branch = self.flow.scopes[step][-1]
        if name not in self.forks:
            return
        self.forks[name] |= {branch}
        fork = self.flow.steps[name]
        assert isinstance(fork, ParallelStep)
        if len(self.forks[name]) < needed(fork.join, len(fork.branches)):
            return
        del self.forks[name]
        if fork.late == "cancel":
            self._clear(name)
        self.follow(name, "", _route(fork))

    def _leave(self, step: str, to: str) -> None:
        outermost = self.flow.scopes[step][len(self.flow.scopes[to])][0]
        self.forks.pop(outermost, None)
        self._clear(outermost)

    def _clear(self, fork: str) -> None:
        """Cancel whatever is still open inside a parallel step."""
        inside = [name for name in (*self.open, *self.forks) if any(part[0] == fork for part in self.flow.scopes[name])]
        for name in inside:
            self.forks.pop(name, None)
        self._cancel(sorted(name for name in inside if name in self.open))

    def _cancel(self, steps: Iterable[str]) -> None:
        for step in steps:
            self.close(step, "cancelled")
