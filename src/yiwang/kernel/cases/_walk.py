"""One move of a flow in the making: from a marking step by step to the next, gathering commands. Pure."""

from collections.abc import Iterable
from dataclasses import replace

from yiwang.kernel.cases._flow import Flow
from yiwang.kernel.cases._graph import Scope, around
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
    Round,
    Timed,
    instance_of,
    place,
    step_of,
)
from yiwang.kernel.cases.kinds import (
    JOIN,
    AutomaticStep,
    Choice,
    EachStep,
    EndStep,
    ParallelStep,
    Route,
    SubcasesStep,
)

COMPLETED = "completed"
MOVES_MAX = 1_000
REACHED, MISSED = "reached", "missed"
"""How a step of many came out: its join was reached, or can no longer be."""


def needed(join: str | int, among: int) -> int:
    """How many of so many branches, organisations or sub-cases a join waits for."""
    if join == "all":
        return among
    return min(1 if join == "any" else int(join), among)


def route_of(step: AutomaticStep | ParallelStep | SubcasesStep | EachStep) -> Route:
    return Route(to=step.to, outcome=step.outcome, leaves=step.leaves, effects=step.effects)


class Walk:
    """One move in the making."""

    def __init__(self, flow: Flow, marking: Marking) -> None:
        self.flow = flow
        self.open = set(marking.open)
        self.forks = dict(marking.forks)
        self.rounds = dict(marking.rounds)
        self.taken = set(marking.taken)
        self.outcome = marking.outcome
        self.is_ended = marking.is_ended
        self.commands: list[Command] = []
        self.given_up: set[str] = set()
        self.moves = 0

    def move(self) -> Move:
        marking = Marking(
            frozenset(self.open), self.forks, self.rounds, frozenset(self.taken), self.outcome, self.is_ended
        )
        return Move(marking, tuple(self.commands), frozenset(self.given_up))

    def close(self, name: str, how: How, choice: str = "") -> None:
        self.open.discard(name)
        self.commands.append(Closed(name, how, choice))

    def mark(self, step: str, choice: Choice) -> None:
        """What a choice says about the case as a whole; one that comes too late says nothing of how it comes out."""
        if choice.outcome and not self._is_late(self._scope(step)):
            self.outcome = choice.outcome
        if choice.accepts or choice.starts:
            self.commands.append(Accepted())
        if choice.decides:
            self.commands.append(Decided(self.outcome))
        if choice.starts or choice.stops:
            self.commands.append(Timed(choice.starts, choice.stops))

    def follow(self, step: str, choice: str, route: Route) -> None:
        """Go a step's own way on."""
        self._go(step, choice, route, self.flow.scopes[step])

    def answer(self, step: str, code: str, choice: Choice) -> None:
        """Go the way of one of many tasks: into the step's join, or away from all the others."""
        self._go(step, code, choice, self._scope(step))

    def convene(self, step: str, instances: tuple[str, ...]) -> None:
        self.rounds[step] = Round(len(instances))
        self.open |= {place(step, one) for one in instances}
        self.commands.append(Convened(step, instances))
        self._tally(step)

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
                self.follow(name, "", route_of(step))
            case ParallelStep() as step:
                self._fork(name, step)
            case _:
                # Answers of a round before this one that were let run are late for good now.
                self.given_up.add(name)
                self.cancel(self._instances(name))
                self.open.add(name)
                self.commands.append(Opened(name))

    def end(self) -> None:
        self.cancel(self.open)
        self.forks.clear()
        self.rounds.clear()
        self.is_ended = True
        self.commands.append(Ended(self.outcome))

    def leave(self, scope: Scope, to: str) -> None:
        """Give up whatever stands around the place one leaves and not around the step one goes to."""
        outermost = scope[len(self.flow.scopes[to])][0]
        self.forks.pop(outermost, None)
        self._clear(outermost)

    def cancel(self, names: Iterable[str]) -> None:
        gone = tuple(sorted(names))
        if gone:
            self.open.difference_update(gone)
            self.commands.append(Cancelled(gone))

    def _go(self, step: str, code: str, route: Route, scope: Scope) -> None:
        is_late = self._is_late(scope)
        if route.outcome and not is_late:
            self.outcome = route.outcome
        if route.effects:
            self.commands.append(Ran(step, code, route.effects))
        if route.to == JOIN:
            if isinstance(route, Choice) and scope != self.flow.scopes[step]:
                self._count(step, route)
            else:
                self._arrive(step)
        elif not route.leaves:
            self.enter(route.to)
        elif not self._is_gone(scope, route.to):
            self.leave(scope, route.to)
            self.enter(route.to)

    def _is_late(self, scope: Scope) -> bool:
        """Whether a join around has gone on without this branch."""
        return any(name not in self.forks and name not in self.rounds for name, _ in scope)

    def _is_gone(self, scope: Scope, to: str) -> bool:
        """Whether what one would leave has gone on already: then there is nothing left to give up."""
        outermost = scope[len(self.flow.scopes[to])][0]
        return outermost not in self.forks and outermost not in self.rounds

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
        self.follow(name, "", route_of(fork))

    def _count(self, step: str, choice: Choice) -> None:
        if step in self.rounds:
            self.rounds[step] = replace(self.rounds[step], counted=self.rounds[step].counted + choice.counts)
            self._tally(step)

    def _tally(self, step: str) -> None:
        """Go on as soon as it is certain whether the join is reached."""
        part, now = self.flow.steps[step], self.rounds[step]
        assert isinstance(part, EachStep)
        waiting, want = self._instances(step), needed(part.join, now.among)
        if now.counted < want <= now.counted + len(waiting):
            return
        is_reached = now.counted >= want
        del self.rounds[step]
        if part.late == "cancel":
            self.cancel(waiting)
        self.close(step, "settled", REACHED if is_reached else MISSED)
        self.follow(step, "", route_of(part) if is_reached else part.otherwise or route_of(part))

    def _instances(self, step: str) -> list[str]:
        return [name for name in self.open if step_of(name) == step and instance_of(name)]

    def _clear(self, outermost: str) -> None:
        """Cancel whatever is still open inside a parallel step or a step of many."""
        self.given_up.add(outermost)
        inside = [name for name in (*self.open, *self.forks) if outermost in self._around(step_of(name))]
        for name in inside:
            self.forks.pop(name, None)
            self.rounds.pop(step_of(name), None)
        self.cancel(name for name in inside if name in self.open)

    def _around(self, step: str) -> set[str]:
        return {name for name, _ in self._scope(step)}

    def _scope(self, step: str) -> Scope:
        """What stands around one task of a step."""
        return around(step, self.flow.steps[step], self.flow.scopes[step])
