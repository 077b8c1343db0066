"""Makes whole flows at random: rows, branches, rounds, sub-cases, applicants with silence, effects, ways back."""

from random import Random
from typing import Any

from yiwang.kernel.cases.kinds import FlowPack

HEAD = {
    "kind": "Flow",
    "id": "test.model",
    "title": "随机流程",
    "outcomes": {"won": {"name": "胜", "good": True}, "lost": {"name": "负"}},
}
UNITS = ("health", "other-health", "hospital")


class Maker:
    """One flow in the making; every block leads to `to` and stands `level` branches deep."""

    def __init__(self, random: Random, *, has_parts: bool) -> None:
        self.random = random
        self.steps: dict[str, dict[str, Any]] = {"end": {"name": "完", "type": "end"}}
        self.levels = {"end": 0}
        self.has_parts = has_parts

    def flow(self) -> FlowPack:
        start = self.block("end", 0, 4)
        return FlowPack.model_validate({**HEAD, "start": start, "steps": self.steps})

    def whole(self) -> FlowPack:
        """The same with a limit that can be paused and extended, decisions, systems outside and corrections."""
        start, random = self.block("end", 0, 4), self.random
        staffed = [name for name, step in self.steps.items() if "post" in step and "for_each" not in step]
        for name in staffed:
            self._enrich(name, self.steps[name])
        self.steps["open"] = {
            "name": "开",
            "post": "umpire",
            "choices": {"on": {"name": "办", "to": start, "starts": ["law"]}},
        }
        outermost = [name for name in staffed if not self.levels[name] and self.steps[name].get("type") != "outside"]
        clock = {
            "name": "规定时限",
            "limit": f"{random.randint(2, 5)} workdays",
            "until": random.choice(["decision", "end"]),
            "pauses": ["rain"],
            "extension": {"times": 1, "max": "3 workdays"},
        }
        corrections: dict[str, Any] = {}
        if any(choice.get("decides") for name in outermost for choice in self.steps[name]["choices"].values()):
            corrections["strip"] = {"name": "撤销", "outcome": "lost"}
            corrections["anew"] = {"name": "重作", "to": random.choice(outermost)}
        more = {"clocks": {"law": clock}, "pauses": {"rain": {"name": "下雨"}}, "corrections": corrections}
        return FlowPack.model_validate({**HEAD, "start": "open", "steps": self.steps, **more})

    def _enrich(self, name: str, step: dict[str, Any]) -> None:
        on, random = step["choices"]["on"], self.random
        if random.random() < 0.2:
            on.pop("effects", None)
            step.pop("may_return_to", None)
            step |= {"type": "outside", "system": "rival"}
            step["choices"]["home"] = {"name": "收回", "to": on["to"], "by": "post"}
        elif not self.levels[name] and random.random() < 0.4:
            on |= {"decides": True, "outcome": random.choice(["won", "lost"]), "grounds": "required"}
            step["same_holder_because"] = "只有一个人。"
        elif random.random() < 0.1:
            on[random.choice(["starts", "stops"])] = ["law"]
        if random.random() < 0.2:
            step["limit"] = f"{random.randint(1, 3)} workdays"

    def block(self, to: str, level: int, depth: int) -> str:
        shapes = ["step", "step", "applicant"]
        if depth:
            shapes += ["row", "row", "fork", "fork", "many", "auto"] + ["parts"] * (self.has_parts and not level)
        if depth > 2:
            shapes = ["row", "row", "fork"]
        shape = self.random.choice(shapes)
        if shape == "row":
            return self.block(self.block(to, level, depth - 1), level, depth - 1)
        name = f"s{len(self.steps)}"
        self.steps[name] = {}
        self.levels[name] = level
        self.steps[name] = {"name": name, **getattr(self, f"_{shape}")(name, to, level, depth)}
        return name

    def _step(self, name: str, to: str, level: int, depth: int) -> dict[str, Any]:
        choices: dict[str, Any] = {"on": {"name": "办", "to": to}, **self._more(name, level)}
        if self.random.random() < 0.3:
            choices["on"]["effects"] = [self.random.choice(["model.soft", "model.hard"])]
        step = {"post": self.random.choice(["umpire", "chair"]), "choices": choices}
        if self.random.random() < 0.6:
            step["may_return_to"] = "any"
        return step

    def _applicant(self, name: str, to: str, level: int, depth: int) -> dict[str, Any]:
        step: dict[str, Any] = {"type": "applicant", "choices": {"on": {"name": "交", "to": to}}}
        if self.random.random() < 0.6:
            step |= {"limit": f"{self.random.randint(1, 2)} workdays", "silence": {"to": to}}
        return step

    def _auto(self, name: str, to: str, level: int, depth: int) -> dict[str, Any]:
        return {"type": "automatic", "to": to, "effects": ["model.soft"]}

    def _fork(self, name: str, to: str, level: int, depth: int) -> dict[str, Any]:
        branches = [self.block("join", level + 1, depth - 1) for _ in range(self.random.randint(2, 3))]
        return {
            "type": "parallel",
            "branches": branches,
            "join": self._join(len(branches)),
            "late": self._late(),
            "to": to,
        }

    def _many(self, name: str, to: str, level: int, depth: int) -> dict[str, Any]:
        choices = {
            "yes": {"name": "同意", "to": "join"},
            "no": {"name": "不同意", "to": "join", "counts": False},
        }
        outer = self._outer(level + 1)
        if outer and self.random.random() < 0.4:
            choices["stop"] = {"name": "叫停", "to": self.random.choice(outer), "leaves": True, "outcome": "lost"}
        return {
            "post": "umpire",
            "for_each": "data:units",
            "join": self._join(3),
            "late": self._late(),
            "to": to,
            "otherwise": {"to": to, "outcome": "lost"},
            "choices": choices,
        }

    def _parts(self, name: str, to: str, level: int, depth: int) -> dict[str, Any]:
        return {
            "type": "subcases",
            "plan": "model.parts",
            "join": self._join(3),
            "late": self._late(),
            "to": to,
            "if_some": {"to": to, "outcome": "won"},
            "if_none": {"to": "end", "outcome": "lost"},
        }

    def _more(self, name: str, level: int) -> dict[str, Any]:
        more: dict[str, Any] = {}
        if self.random.random() < 0.3:
            more["again"] = {"name": "再来", "to": name, "once": self.random.random() < 0.5}
        outer = self._outer(level)
        if outer and self.random.random() < 0.3:
            more["leave"] = {"name": "离开", "to": self.random.choice(outer), "leaves": True, "outcome": "won"}
        return more

    def _outer(self, level: int) -> list[str]:
        """Steps that certainly stand around a branch: those of the outermost level that are finished."""
        return [name for name, at in self.levels.items() if at == 0 < level and self.steps[name]]

    def _join(self, among: int) -> Any:
        return self.random.choice(["all", "any", self.random.randint(1, among)])

    def _late(self) -> str:
        return self.random.choice(["cancel", "run"])
