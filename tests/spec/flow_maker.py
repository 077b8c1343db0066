"""Makes flows at random: sound ones, block in block, and heaps of steps of which most make no sense."""

from random import Random
from typing import Any

from yiwang.kernel.cases._graph import survey
from yiwang.kernel.cases.kinds import FlowPack

HEAD = {"kind": "Flow", "id": "test.random", "title": "随机流程", "outcomes": {"won": {"name": "胜"}}}


class _Maker:
    def __init__(self, random: Random) -> None:
        self.random = random
        self.steps: dict[str, dict[str, Any]] = {}
        self.levels: dict[str, int] = {}

    def name(self, level: int) -> str:
        name = f"s{len(self.steps)}"
        self.steps[name] = {}
        self.levels[name] = level
        return name

    def block(self, to: str, level: int, depth: int) -> str:
        """A block that leads to `to`; its first step."""
        shape = self.random.choice(["step", "step", "auto", "row", "fork"]) if depth else "step"
        if shape == "row":
            return self.block(self.block(to, level, depth - 1), level, depth - 1)
        if shape == "fork":
            return self._fork(to, level, depth)
        name = self.name(level)
        if shape == "auto":
            self.steps[name] = {"name": name, "type": "automatic", "to": to}
        else:
            self.steps[name] = {"name": name, "post": "p", "choices": self._choices(name, to, level)}
        return name

    def _choices(self, name: str, to: str, level: int) -> dict[str, Any]:
        choices: dict[str, Any] = {"on": {"name": "办", "to": to}}
        if self.random.random() < 0.3:
            choices["again"] = {"name": "再来", "to": name, "once": self.random.random() < 0.5}
        if level and self.random.random() < 0.2:
            outside = [step for step, at in self.levels.items() if at < level and self._around(step)]
            if outside:
                choices["leave"] = {"name": "离开", "to": self.random.choice(outside), "leaves": True, "outcome": "won"}
        return choices

    def _around(self, step: str) -> bool:
        # Only the outermost level is certainly around every branch.
        return self.levels[step] == 0 and bool(self.steps[step])

    def _fork(self, to: str, level: int, depth: int) -> str:
        name = self.name(level)
        branches = [self.block("join", level + 1, depth - 1) for _ in range(self.random.randint(2, 3))]
        join = self.random.choice(["all", "any", self.random.randint(1, len(branches))])
        self.steps[name] = {"name": name, "type": "parallel", "branches": branches, "join": join, "to": to}
        return name


def sound(random: Random) -> tuple[FlowPack, dict[str, int]]:
    """A flow that makes sense, and how many parallel steps stand around each of its steps."""
    maker = _Maker(random)
    maker.steps["end"], maker.levels["end"] = {"name": "完", "type": "end"}, 0
    start = maker.block("end", 0, 4)
    return FlowPack.model_validate({**HEAD, "start": start, "steps": maker.steps}), maker.levels


def heap(random: Random) -> FlowPack:
    """A few steps that lead anywhere."""
    names = [f"s{n}" for n in range(random.randint(2, 6))]
    targets = [*names, "end", "join"]
    steps: dict[str, Any] = {"end": {"name": "完", "type": "end"}}
    for name in names:
        kind = random.choice(["post", "post", "automatic", "parallel"])
        to = random.choice(targets)
        if kind == "parallel":
            branches = random.sample(names, 2)
            steps[name] = {
                "name": name,
                "type": kind,
                "branches": branches,
                "to": to,
                "late": random.choice(["cancel", "run"]),
            }
            steps[name]["join"] = random.choice(["all", "any"])
        elif kind == "automatic":
            steps[name] = {"name": name, "type": kind, "to": to}
        else:
            steps[name] = {"name": name, "post": "p", "choices": _anywhere(random, targets)}
    return _pruned(FlowPack.model_validate({**HEAD, "start": names[0], "steps": steps}))


def _pruned(made: FlowPack) -> FlowPack:
    """Without what cannot be reached: nearly every heap would be refused for that alone."""
    reached = survey(made).scopes
    return made.model_copy(update={"steps": {name: step for name, step in made.steps.items() if name in reached}})


def _anywhere(random: Random, targets: list[str]) -> dict[str, Any]:
    return {
        f"c{n}": {
            "name": "办",
            "to": random.choice(targets),
            "leaves": random.random() < 0.2,
            "once": random.random() < 0.2,
        }
        for n in range(random.randint(1, 3))
    }
