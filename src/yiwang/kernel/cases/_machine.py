"""Where a flow goes next: pure functions from a marking and one thing that happened to commands and a new marking."""

from collections.abc import Iterable
from dataclasses import replace

from yiwang.kernel.cases._flow import Flow
from yiwang.kernel.cases._moves import How, Marking, Move, NotOffered, NotOpen, Tally, instance_of, step_of
from yiwang.kernel.cases._walk import Walk, route_of
from yiwang.kernel.cases.kinds import Choice, EachStep, SubcasesStep, Waiting


def begin(flow: Flow) -> Move:
    """Enter the first step."""
    walk = Walk(flow, Marking())
    walk.enter(flow.body.start)
    return walk.move()


def offered(flow: Flow, marking: Marking, place: str) -> tuple[str, ...]:
    """The choices that an open place offers; one that is `once` is offered once in a case's life."""
    step = step_of(place)
    found = flow.steps.get(step)
    if place not in marking.open or not isinstance(found, Waiting) or _is_whole(found, place):
        return ()
    return tuple(name for name, choice in found.choices.items() if not _used(marking, step, name, choice))


def take(flow: Flow, marking: Marking, place: str, choice: str, *, how: How = "taken") -> Move:
    """Take a choice at an open place. Raises NotOpen, NotOffered."""
    if place not in marking.open:
        raise NotOpen(place)
    if choice not in offered(flow, marking, place):
        raise NotOffered(f"{place}.{choice}")
    step = step_of(place)
    found = flow.steps[step]
    assert isinstance(found, Waiting)
    chosen = found.choices[choice]
    walk = Walk(flow, marking)
    walk.close(place, how, choice)
    if chosen.once:
        walk.taken.add(f"{step}.{choice}")
    walk.mark(step, chosen)
    if isinstance(found, EachStep):
        walk.answer(step, choice, chosen)
    else:
        walk.follow(step, choice, chosen)
    return walk.move()


def lapse(flow: Flow, marking: Marking, place: str) -> Move:
    """What an open place's silence does. Raises NotOpen; NotOffered if the step only raises the alarm."""
    if place not in marking.open:
        raise NotOpen(place)
    step = step_of(place)
    found = flow.steps[step]
    silence = found.silence if isinstance(found, Waiting) else None
    if silence and silence.take:
        return take(flow, marking, place, silence.take, how="lapsed")
    if not silence or not silence.route:
        raise NotOffered(f"{place}.silence")
    walk = Walk(flow, marking)
    walk.close(place, "lapsed")
    walk.follow(step, "", silence.route)
    return walk.move()


def convene(flow: Flow, marking: Marking, step: str, instances: Iterable[str]) -> Move:
    """Ask everyone of a list at an open step of many; with nobody to ask it goes on at once. Raises NotOpen."""
    if step not in marking.open:
        raise NotOpen(step)
    walk = Walk(flow, marking)
    walk.convene(step, tuple(instances))
    return walk.move()


def settle(flow: Flow, marking: Marking, step: str, tally: Tally) -> Move:
    """Go on from a sub-cases step whose join is reached; `tally` says how many came out well. Raises NotOpen."""
    if step not in marking.open:
        raise NotOpen(step)
    found = flow.steps[step]
    assert isinstance(found, SubcasesStep)
    other = {"some": found.if_some, "none": found.if_none, "all": None}[tally]
    walk = Walk(flow, marking)
    walk.close(step, "settled", tally)
    walk.follow(step, tally, other or route_of(found))
    return walk.move()


def send_back(flow: Flow, marking: Marking, place: str, to: str) -> Move:
    """退回: close an open step and open an earlier one, giving up the branches between. Raises NotOpen, NotOffered."""
    if place not in marking.open:
        raise NotOpen(place)
    step = step_of(place)
    if not may_leave(flow, marking, step, to):
        raise NotOffered(f"{place} -> {to}")
    walk = Walk(flow, marking)
    walk.close(place, "returned", to)
    if len(flow.scopes[to]) < len(flow.scopes[step]):
        walk.leave(flow.scopes[step], to)
    walk.enter(to)
    return walk.move()


def may_leave(flow: Flow, marking: Marking, step: str, to: str) -> bool:
    """Whether a step can be gone to from here: a branch that its parallel step has gone on without leads nowhere else."""
    here, there = flow.scopes[step], flow.scopes[to]
    return len(there) == len(here) or here[len(there)][0] in marking.forks


def restart(flow: Flow, marking: Marking, to: str, outcome: str = "") -> Move:
    """Begin again at a step, with nothing else open; what was used up stays used up."""
    walk = Walk(flow, replace(marking, outcome=outcome, is_ended=False))
    walk.cancel(walk.open)
    walk.given_up.update(flow.steps)
    walk.forks.clear()
    walk.rounds.clear()
    walk.enter(to)
    return walk.move()


def finish(flow: Flow, marking: Marking, outcome: str) -> Move:
    """Close the case from wherever it stands."""
    walk = Walk(flow, replace(marking, outcome=outcome))
    walk.end()
    return walk.move()


def unconvened(flow: Flow, marking: Marking) -> list[str]:
    """Open steps of many at which nobody has been asked yet."""
    return [
        name
        for name in sorted(marking.open)
        if isinstance(flow.steps[step_of(name)], EachStep) and not instance_of(name) and name not in marking.rounds
    ]


def _is_whole(found: Waiting, place: str) -> bool:
    """A step of many is open as a whole beside its tasks; only these can be taken."""
    return isinstance(found, EachStep) and not instance_of(place)


def _used(marking: Marking, step: str, name: str, choice: Choice) -> bool:
    return choice.once and f"{step}.{name}" in marking.taken
