"""A flow as a graph: its ways on, and which branch of which parallel step each step belongs to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from yiwang.kernel.cases.kinds import (
    JOIN,
    ApplicantStep,
    AutomaticStep,
    CorrectionPart,
    EachStep,
    EndStep,
    FlowPack,
    OutsideStep,
    ParallelStep,
    PostStep,
    Route,
    Silence,
    Step,
    SubcasesStep,
)

Scope = tuple[tuple[str, str], ...]
"""The parallel steps around a step, outermost first, each with the branch the step is in."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way on from a step: where it is written, and where it leads; `is_inner` ones start at one of many tasks."""

    where: str
    to: str
    leaves: bool = False
    once: bool = False
    is_inner: bool = False


def ways(step: Step) -> Iterator[Way]:
    """The ways on that a step's text names; a parallel step's own way is the one after its join."""
    match step:
        case EachStep():
            yield from _ways_of_many(step)
        case PostStep() | ApplicantStep() | OutsideStep():
            for name, choice in step.choices.items():
                yield Way(f"choices.{name}.to", choice.to, choice.leaves, choice.once)
            if step.silence and step.silence.to:
                yield Way("silence.to", step.silence.to, step.silence.leaves)
        case SubcasesStep():
            yield Way("to", step.to, step.leaves)
            for name, route in _other_ways(step):
                if route:
                    yield Way(f"{name}.to", route.to, route.leaves)
        case AutomaticStep() | ParallelStep():
            yield Way("to", step.to, step.leaves)
        case EndStep():
            return


def _ways_of_many(step: EachStep) -> Iterator[Way]:
    yield Way("to", step.to, step.leaves)
    if step.otherwise:
        yield Way("otherwise.to", step.otherwise.to, step.otherwise.leaves)
    for name, choice in step.choices.items():
        if choice.to != JOIN:
            yield Way(f"choices.{name}.to", choice.to, choice.leaves, is_inner=True)


@dataclass(frozen=True, slots=True)
class Leak:
    """A way that would bring a step of one branch into another, or a join outside any branch."""

    step: str
    where: str
    to: str


@dataclass(frozen=True, slots=True)
class Survey:
    """The scope of every step that can be reached, and the ways that break out of their branch."""

    scopes: Mapping[str, Scope]
    leaks: tuple[Leak, ...]


def survey(body: FlowPack) -> Survey:
    """Walk every way from the start; unknown targets are passed over."""
    scopes: dict[str, Scope] = {}
    _walk(body, body.start, (), scopes)
    # A step that is only reached by leaving branches stands outside all of them.
    while strays := [way.to for way in _leaving(body, scopes) if way.to in body.steps and way.to not in scopes]:
        _walk(body, strays[0], (), scopes)
    return Survey(scopes, tuple(_leaks(body, scopes)))


def _walk(body: FlowPack, start: str, outer: Scope, scopes: dict[str, Scope]) -> None:
    waiting = [(start, outer)]
    while waiting:
        # The outermost first: a way that leads out of a branch is then to blame, not the step it leads to.
        nearest = min(range(len(waiting)), key=lambda index: len(waiting[index][1]))
        name, scope = waiting.pop(nearest)
        if name in scopes or name not in body.steps:
            continue
        scopes[name] = scope
        step = body.steps[name]
        waiting += [(way.to, scope) for way in ways(step) if not way.leaves]
        if isinstance(step, ParallelStep):
            waiting += [(branch, (*scope, (name, branch))) for branch in step.branches]


def _leaving(body: FlowPack, scopes: Mapping[str, Scope]) -> Iterator[Way]:
    return (way for name in scopes for way in ways(body.steps[name]) if way.leaves)


def _leaks(body: FlowPack, scopes: Mapping[str, Scope]) -> Iterator[Leak]:
    for name, scope in scopes.items():
        step = body.steps[name]
        for way in ways(step):
            if not _holds(around(name, step, scope) if way.is_inner else scope, way, scopes):
                yield Leak(name, way.where, way.to)
        if isinstance(step, ParallelStep):
            for index, branch in enumerate(step.branches):
                if branch in scopes and scopes[branch] != (*scope, (name, branch)):
                    yield Leak(name, f"branches.{index}", branch)


def around(name: str, step: Step, scope: Scope) -> Scope:
    """What stands around one task of a step: for a step of many, the step itself too."""
    return (*scope, (name, "")) if isinstance(step, EachStep) else scope


def _holds(scope: Scope, way: Way, scopes: Mapping[str, Scope]) -> bool:
    if way.to == JOIN:
        return bool(scope) and not way.leaves
    if way.to not in scopes:
        return True
    target = scopes[way.to]
    if way.leaves:
        return len(target) < len(scope) and scope[: len(target)] == target
    return target == scope


def forward(body: FlowPack, scopes: Mapping[str, Scope]) -> dict[str, set[str]]:
    """Where each step may always lead: joins followed to the step after them, ways that can be used up left out."""
    return {name: set(_targets(body, name, scope)) for name, scope in scopes.items()}


def _targets(body: FlowPack, name: str, scope: Scope) -> Iterator[str]:
    step = body.steps[name]
    if isinstance(step, ParallelStep):
        yield from step.branches
        return
    for way in ways(step):
        if not way.once:
            yield from _landing(body, scope, way.to)


def _landing(body: FlowPack, scope: Scope, to: str) -> Iterator[str]:
    while to == JOIN and scope:
        fork = body.steps[scope[-1][0]]
        scope = scope[:-1]
        if not isinstance(fork, ParallelStep):
            return
        to = fork.to
    if to in body.steps:
        yield to


def parts(body: FlowPack) -> Iterator[tuple[str, Step | Route | Silence | CorrectionPart]]:
    """Every part of a flow that may name an outcome or effects, with where it is written."""
    yield from ((f"corrections.{name}", part) for name, part in body.corrections.items())
    for name, step in body.steps.items():
        yield f"steps.{name}", step
        if isinstance(step, PostStep | ApplicantStep | OutsideStep):
            yield from ((f"steps.{name}.choices.{code}", choice) for code, choice in step.choices.items())
            if step.silence:
                yield f"steps.{name}.silence", step.silence
        if isinstance(step, EachStep) and step.otherwise:
            yield f"steps.{name}.otherwise", step.otherwise
        if isinstance(step, SubcasesStep):
            yield from ((f"steps.{name}.{way}", part) for way, part in _other_ways(step) if part)


def is_around(outer: Scope, inner: Scope) -> bool:
    """Whether a step that stands in `outer` can be gone to from one in `inner` by giving up what is between."""
    return inner[: len(outer)] == outer


def leading_to(body: FlowPack, scopes: Mapping[str, Scope], target: str) -> set[str]:
    """The steps from which a step may be reached."""
    graph = {name: {way.to for way in ways(body.steps[name])} for name in scopes}
    for name in scopes:
        step = body.steps[name]
        if isinstance(step, ParallelStep):
            graph[name] |= set(step.branches)
        if JOIN in graph[name] and scopes[name]:
            graph[name].add(scopes[name][-1][0])
    found: set[str] = set()
    while more := {name for name, to in graph.items() if name not in found and to & (found | {target})}:
        found |= more
    return found


def _other_ways(step: SubcasesStep) -> tuple[tuple[str, Route | None], ...]:
    return ("if_some", step.if_some), ("if_none", step.if_none)
