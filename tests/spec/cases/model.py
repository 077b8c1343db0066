"""A slow and obviously right model of a case: where everybody stands, worked out anew from all that was ever done.

Who waits is a token with the branches it stands in; a branch belongs to one activation of its parallel step, which lives
until it is joined or left. Nothing is stored but the list of what was done.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from yiwang.kernel.cases.kinds import (
    ApplicantStep,
    AutomaticStep,
    EachStep,
    EndStep,
    FlowPack,
    ParallelStep,
    PostStep,
    SubcasesStep,
)


class NotPossible(Exception):
    """It cannot be done where the case stands."""


@dataclass(frozen=True)
class Done:
    """One thing that was done: `take`, `silence`, `back`, `close` (with an outcome) or `part` (how sub-cases came out)."""

    what: str
    place: str = ""
    how: str = ""
    at: datetime | None = None


@dataclass(eq=False)
class Running:
    """One activation of a parallel step, or one round of a step that asks many."""

    name: str
    arrived: set[str] = field(default_factory=set)
    among: int = 0
    counted: int = 0
    is_alive: bool = True


@dataclass(eq=False)
class Token:
    """Somebody waits at a place, inside of `around`, since `at`."""

    place: str
    around: tuple[tuple[Running, str], ...]
    at: datetime

    @property
    def step(self) -> str:
        return self.place.partition("#")[0]


class Model:
    def __init__(self, body: FlowPack, units: Sequence[str], at: datetime, done: Sequence[Done] = ()) -> None:
        self.body = body
        self.units = units
        self.tokens: list[Token] = []
        self.used: set[str] = set()
        self.visited: list[str] = []
        self.outcome = ""
        self.is_over = False
        self.lasting = False
        self.at = at
        self.levels = _levels(body)
        self._enter(body.start, ())
        for one in done:
            self.do(one)

    @property
    def open(self) -> set[str]:
        return {token.place for token in self.tokens}

    def offered(self, place: str) -> list[str]:
        part: Any = self.body.steps[place.partition("#")[0]]
        if isinstance(part, SubcasesStep) or (isinstance(part, EachStep) and "#" not in place):
            return []
        return [
            name for name, choice in part.choices.items() if not (choice.once and f"{_of(place)}.{name}" in self.used)
        ]

    def returns(self, place: str) -> list[str]:
        """Steps of people it has been through, that stand around here."""
        part = self.body.steps[_of(place)]
        if not isinstance(part, PostStep) or isinstance(part, EachStep) or not part.may_return_to:
            return []
        here = self._path(_of(place))
        return [
            name
            for name in dict.fromkeys(self.visited)
            if name != _of(place)
            and isinstance(self.body.steps[name], PostStep | ApplicantStep)
            and not isinstance(self.body.steps[name], EachStep)
            and here[: len(self._path(name))] == self._path(name)
            and self._may_leave(place, len(self._path(name)))
        ]

    def _may_leave(self, place: str, depth: int) -> bool:
        """A branch that the others have gone on without cannot bring them back."""
        around = next(token.around for token in self.tokens if token.place == place)
        return len(around) <= depth or around[depth][0].is_alive

    def do(self, one: Done) -> None:
        """Raises NotPossible."""
        self.at = one.at or self.at
        self.lasting = False
        if self.is_over:
            raise NotPossible
        if one.what == "close":
            self.outcome = one.how
            self._end()
            return
        token = next((token for token in self.tokens if token.place == one.place), None)
        if token is None:
            raise NotPossible
        getattr(self, f"_{one.what}")(token, one.how)

    def _take(self, token: Token, how: str) -> None:
        if how not in self.offered(token.place):
            raise NotPossible
        part: Any = self.body.steps[token.step]
        choice = part.choices[how]
        self.lasting = "model.hard" in [call.do for call in choice.effects]
        self.tokens.remove(token)
        if choice.once:
            self.used.add(f"{token.step}.{how}")
        if "#" not in token.place:
            self.visited.append(token.step)
        self._follow(token.around, choice)

    def _silence(self, token: Token, how: str) -> None:
        part: Any = self.body.steps[token.step]
        self.tokens.remove(token)
        self.visited.append(token.step)
        self._follow(token.around, part.silence.route)

    def _back(self, token: Token, how: str) -> None:
        if how not in self.returns(token.place):
            raise NotPossible
        self.tokens.remove(token)
        depth = len(self._path(how))
        if len(token.around) > depth:
            self._give_up(token.around[depth][0])
        self._enter(how, token.around[:depth])

    def _part(self, token: Token, how: str) -> None:
        part = self.body.steps[token.step]
        assert isinstance(part, SubcasesStep)
        self.tokens.remove(token)
        self._follow(token.around, {"all": part, "some": part.if_some, "none": part.if_none}[how])

    def _follow(self, around: tuple[tuple[Running, str], ...], way: Any) -> None:
        is_late = any(not running.is_alive for running, _ in around)
        if way.outcome and not is_late:
            self.outcome = way.outcome
        if way.to == "join":
            self._arrive(around, getattr(way, "counts", True))
        elif not way.leaves:
            self._enter(way.to, around)
        else:
            depth = self.levels[way.to]
            running = around[depth][0]
            if running.is_alive:
                self._give_up(running)
                self._enter(way.to, around[:depth])

    def _arrive(self, around: tuple[tuple[Running, str], ...], counts: bool) -> None:
        running, branch = around[-1]
        part: Any = self.body.steps[running.name]
        if not running.is_alive:
            return
        running.arrived.add(branch)
        running.counted += counts
        self._join(running, part, around[:-1])

    def _join(self, running: Running, part: Any, around: tuple[tuple[Running, str], ...]) -> None:
        needed = {"all": running.among, "any": min(1, running.among)}.get(part.join)
        needed = min(int(part.join), running.among) if needed is None else needed
        is_many = isinstance(part, EachStep)
        good = running.counted if is_many else len(running.arrived)
        missing = running.among - len(running.arrived)
        if good < needed and (not is_many or good + missing >= needed):
            return
        running.is_alive = False
        if is_many:
            self.tokens = [token for token in self.tokens if token.place != running.name]
        if part.late == "cancel":
            self._clear(running)
        self._follow(around, part if good >= needed else part.otherwise)

    def _enter(self, name: str, around: tuple[tuple[Running, str], ...]) -> None:
        part = self.body.steps[name]
        if isinstance(part, EndStep):
            self.outcome = part.outcome or self.outcome or "completed"
            self._end()
        elif isinstance(part, AutomaticStep):
            self._follow(around, part)
        elif isinstance(part, ParallelStep):
            self._forget(name)
            running = Running(name, among=len(part.branches))
            for branch in part.branches:
                if running.is_alive and not self.is_over:
                    self._enter(branch, (*around, (running, branch)))
        elif isinstance(part, EachStep):
            self._forget(name)
            running = Running(name, among=len(self.units))
            self.tokens.append(Token(name, around, self.at))
            self.tokens += [Token(f"{name}#{unit}", (*around, (running, unit)), self.at) for unit in self.units]
            self._join(running, part, around)
        else:
            self.lasting |= isinstance(part, SubcasesStep)
            self.tokens.append(Token(name, around, self.at))

    def _end(self) -> None:
        self.tokens.clear()
        self.is_over = self.lasting = True

    def _give_up(self, running: Running) -> None:
        running.is_alive = False
        self._clear(running)
        self.tokens = [token for token in self.tokens if token.place != running.name]

    def _clear(self, running: Running) -> None:
        """Whoever is still inside has nothing more to do."""
        inside = [token for token in self.tokens if any(one is running for one, _ in token.around)]
        self.lasting |= bool(inside)
        self.tokens = [token for token in self.tokens if token not in inside]

    def _forget(self, name: str) -> None:
        """A parallel step that begins again leaves nobody from before."""
        inside = [token for token in self.tokens if any(one.name == name for one, _ in token.around)]
        self.lasting |= bool(inside)
        self.tokens = [token for token in self.tokens if token not in inside]

    def _path(self, name: str) -> tuple[str, ...]:
        return _paths(self.body)[name]


def _of(place: str) -> str:
    return place.partition("#")[0]


def _levels(body: FlowPack) -> dict[str, int]:
    return {name: len(path) for name, path in _paths(body).items()}


def _paths(body: FlowPack) -> dict[str, tuple[str, ...]]:
    """The branches around every step, found by walking from the start; ways that leave are not walked."""
    found: dict[str, tuple[str, ...]] = {}
    waiting: list[tuple[str, tuple[str, ...]]] = [(body.start, ()), *((name, ()) for name in _left_to(body))]
    while waiting:
        name, path = waiting.pop(0)
        if name in found or name == "join":
            continue
        found[name] = path
        part: Any = body.steps[name]
        ways: list[Any] = [part] if hasattr(part, "to") else []
        if not isinstance(part, EachStep):
            ways += [way for way in getattr(part, "choices", {}).values() if not way.leaves]
        ways += [way for way in (getattr(part, other, None) for other in ("if_some", "if_none", "otherwise")) if way]
        if getattr(part, "silence", None):
            ways.append(part.silence.route)
        waiting += [(way.to, path) for way in ways]
        waiting += [(branch, (*path, f"{name}/{branch}")) for branch in getattr(part, "branches", ())]
    return found


def _left_to(body: FlowPack) -> list[str]:
    return [
        choice.to for part in body.steps.values() for choice in getattr(part, "choices", {}).values() if choice.leaves
    ]


def silences(model: Model, until: datetime, due: Callable[[datetime, Any], datetime]) -> list[tuple[datetime, str]]:
    """The silences that are due, the earliest first."""
    found = []
    for token in model.tokens:
        part: Any = model.body.steps[token.step]
        if getattr(part, "silence", None) and due(token.at, part.limit) <= until:
            found.append((due(token.at, part.limit), token.place))
    return sorted(found)
