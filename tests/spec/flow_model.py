"""A slow and obviously right model of flows: a tree of where everybody stands, rebuilt from the text at every move."""

from dataclasses import dataclass
from typing import Any

from yiwang.kernel.cases.kinds import AutomaticStep, EndStep, FlowPack, ParallelStep


@dataclass
class At:
    """Somebody waits at a step."""

    step: str


@dataclass
class Fork:
    """Branches of a parallel step; None where a branch has arrived."""

    name: str
    branches: dict[str, Any]


@dataclass
class Arrived:
    """A branch is at its join."""


@dataclass
class Leaving:
    """All branches around are given up, out to the level at which this step stands."""

    to: str


@dataclass
class Over:
    """The case is closed."""

    outcome: str


class Model:
    """A case as a tree. `levels` says how many parallel steps stand around each step."""

    def __init__(self, body: FlowPack, levels: dict[str, int]) -> None:
        self.body = body
        self.levels = levels
        self.outcome = ""
        self.used: set[str] = set()
        self.tree = self._go(body.start)

    @property
    def open(self) -> set[str]:
        return set(self._leaves(self.tree))

    @property
    def is_over(self) -> bool:
        return isinstance(self.tree, Over)

    def offered(self, step: str) -> set[str]:
        choices = self.body.steps[step].choices  # type: ignore[union-attr]
        return {name for name, choice in choices.items() if not (choice.once and f"{step}.{name}" in self.used)}

    def take(self, step: str, name: str) -> None:
        choice = self.body.steps[step].choices[name]  # type: ignore[union-attr]
        self.used.add(f"{step}.{name}")
        self.outcome = choice.outcome or self.outcome
        self.tree = self._moved(self.tree, step, choice, 0)

    def _leaves(self, node: Any) -> list[str]:
        if isinstance(node, At):
            return [node.step]
        if isinstance(node, Fork):
            return [leaf for branch in node.branches.values() if branch for leaf in self._leaves(branch)]
        return []

    def _moved(self, node: Any, step: str, way: Any, level: int) -> Any:
        if isinstance(node, At):
            return self._way(way)
        branch = next(name for name, inside in node.branches.items() if inside and step in self._leaves(inside))
        return self._settled(node, branch, self._moved(node.branches[branch], step, way, level + 1), level)

    def _settled(self, node: Fork, branch: str, came: Any, level: int) -> Any:
        part = self.body.steps[node.name]
        assert isinstance(part, ParallelStep)
        if isinstance(came, Over):
            return came
        if isinstance(came, Leaving):
            return self._go(came.to) if self.levels[came.to] == level else came
        if not isinstance(came, Arrived):
            return Fork(node.name, node.branches | {branch: came})
        node = Fork(node.name, node.branches | {branch: None})
        arrived = sum(inside is None for inside in node.branches.values())
        enough = {"all": len(part.branches), "any": 1}.get(str(part.join)) or int(part.join)
        if arrived < enough:
            return node
        self.outcome = part.outcome or self.outcome
        return self._way(part)

    def _way(self, way: Any) -> Any:
        if way.to == "join":
            return Arrived()
        return Leaving(way.to) if way.leaves else self._go(way.to)

    def _go(self, name: str) -> Any:
        step = self.body.steps[name]
        if isinstance(step, EndStep):
            return Over(step.outcome or self.outcome or "completed")
        if isinstance(step, AutomaticStep):
            self.outcome = step.outcome or self.outcome
            return self._way(step)
        if not isinstance(step, ParallelStep):
            return At(name)
        node: Any = Fork(name, dict.fromkeys(step.branches, At("-")))
        for branch in step.branches:
            node = self._settled(node, branch, self._go(branch), self.levels[name])
            if not isinstance(node, Fork) or node.name != name:
                return node
        return node
