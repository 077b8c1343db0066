"""A slow and obviously right model of a case: where everybody stands, worked out anew from all that was ever done.

Who waits is a token with the branches it stands in; a branch belongs to one activation of its parallel step, which lives
until it is joined or left. Nothing is stored but the list of what was done.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.spec.cases.around import levels, paths
from tests.spec.cases.ticking import Ticking
from yiwang.kernel.cases.kinds import (
    ApplicantStep,
    AutomaticStep,
    EachStep,
    EndStep,
    FlowPack,
    OutsideStep,
    ParallelStep,
    PostStep,
    SubcasesStep,
    Waiting,
)
from yiwang.kernel.workdays.contracts import Limit


class NotPossible(Exception):
    """It cannot be done where the case stands."""


@dataclass(frozen=True)
class Done:
    """One thing that was done.

    At a place: `take`, `silence`, `back` or `part` (how sub-cases came out). To the case as a whole: `close` (with an
    outcome), `pause`, `resume`, `extend` (by so many days), `reopen` (at a place), `correct`.
    """

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
    own: Ticking | None = None

    @property
    def step(self) -> str:
        return self.place.partition("#")[0]


class Model:
    def __init__(self, body: FlowPack, units: Sequence[str], at: datetime, done: Sequence[Done] = ()) -> None:
        self.body = body
        self.units = units
        self.tokens: list[Token] = []
        self.used: set[str] = set()
        self.visited: dict[str, datetime] = {}
        self.been: dict[str, datetime] = {}
        self.law: list[Ticking] = []
        self.began_again: datetime | None = None
        self.decided: datetime | None = None
        self.outcome = ""
        self.is_over = False
        self.lasting = False
        self.at = at
        self.levels = levels(body)
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
            for name, opened in self.visited.items()
            if name != _of(place)
            and not (self.decided and opened <= self.decided)
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
        if one.what in ("reopen", "correct"):
            getattr(self, f"_{one.what}")(one.place or one.how)
            return
        if self.is_over:
            raise NotPossible
        if one.what in ("close", "pause", "resume", "extend"):
            getattr(self, f"_{one.what}")(one.how)
            return
        token = next((token for token in self.tokens if token.place == one.place), None)
        if token is None:
            raise NotPossible
        getattr(self, f"_{one.what}")(token, one.how)

    @property
    def running(self) -> list[Ticking]:
        return [one for one in self.law if not one.is_stopped]

    def due(self, token: Token) -> datetime | None:
        """The nearest of the limits that bind somebody who waits."""
        own = [token.own] if token.own else []
        return min((one.due for one in (*own, *self.running) if one.due), default=None)

    def reopenings(self) -> set[str]:
        """Where a closed case has been, and from where nothing is decided a second time."""
        if not self.is_over:
            return set()
        return {name for name in self.been if not (self.decided and self._decides_from(name))}

    def _close(self, how: str) -> None:
        if how == "withdrawn" and self.decided:
            raise NotPossible
        self.outcome = how
        self._end()

    def _pause(self, how: str) -> None:
        if not self.running or any(one.is_paused or (one.due and one.due <= self.at) for one in self.running):
            raise NotPossible
        for one in self._ticking():
            one.pause(self.at)

    def _resume(self, how: str) -> None:
        if not any(one.is_paused for one in self._ticking()):
            raise NotPossible
        for one in self._ticking():
            one.resume(self.at)

    def _extend(self, how: str) -> None:
        (law,) = self.running or [None]
        if law is None or law.extended or (law.due and law.due <= self.at):
            raise NotPossible
        law.extended = int(how)

    def _ticking(self) -> list[Ticking]:
        return [*self.running, *(token.own for token in self.tokens if token.own)]

    def _reopen(self, step: str) -> None:
        if step not in self.reopenings():
            raise NotPossible
        self.outcome = self.outcome if self.decided else ""
        self._begin_again(step)

    def _correct(self, name: str) -> None:
        part = self.body.corrections[name]
        if not self.decided:
            raise NotPossible
        if part.to:
            self.decided, self.outcome = None, ""
            self._begin_again(part.to)
        else:
            self.outcome = part.outcome or ""
            if not self.is_over:
                self._end()

    def _begin_again(self, step: str) -> None:
        """With nothing else open; the limit that ran when the case first came there runs anew."""
        is_past = self.decided is not None and self.body.clocks["law"].until == "decision" if self.law else True
        came = self.been[step]
        runs = not is_past and any(one.started <= came for one in self.law)
        self.tokens.clear()
        for one in self.law:
            one.is_stopped = True
        self.is_over, self.lasting, self.began_again = False, True, self.at
        if runs:
            self.law.append(Ticking(self.at, self.law[-1].days))
        self._enter(step, ())

    def _decides_from(self, step: str) -> bool:
        seen, ahead = set(), [step]
        while ahead:
            name = ahead.pop()
            if name in seen or name == "join":
                continue
            seen.add(name)
            part: Any = self.body.steps[name]
            choices = getattr(part, "choices", {}).values()
            if any(choice.decides for choice in choices):
                return True
            others = [getattr(part, other, None) for other in ("silence", "if_some", "if_none", "otherwise")]
            ahead += [way.to for way in (part, *choices, *others) if getattr(way, "to", None)]
            ahead += getattr(part, "branches", ())
            for outer in self._path(name):
                ahead.append(self.body.steps[outer.partition("/")[0]].to)  # type: ignore[union-attr]
        return False

    def _time(self, choice: Any) -> None:
        """What a choice does to the limit of the case."""
        if choice.decides:
            self.decided = self.at
            if "law" in self.body.clocks and self.body.clocks["law"].until == "decision":
                self._stop()
        here = [one for one in self.law if self.began_again is None or one.started >= self.began_again]
        if "law" in choice.starts and not here:
            limit = self.body.clocks["law"].limit
            assert limit is not None
            self.law.append(Ticking(self.at, limit.n))
        if "law" in choice.stops:
            self._stop()

    def _stop(self) -> None:
        for one in self.law:
            one.is_stopped = True

    def _take(self, token: Token, how: str) -> None:
        if how not in self.offered(token.place):
            raise NotPossible
        part: Any = self.body.steps[token.step]
        choice = part.choices[how]
        if choice.decides and any(one.is_paused for one in self.running):
            raise NotPossible
        self.lasting = "model.hard" in [call.do for call in choice.effects] or isinstance(part, OutsideStep)
        self.lasting |= bool(choice.decides or choice.starts or choice.stops)
        self.tokens.remove(token)
        if choice.once:
            self.used.add(f"{token.step}.{how}")
        if "#" not in token.place:
            self.visited[token.step] = token.at
        if choice.outcome and not any(not running.is_alive for running, _ in token.around):
            self.outcome = choice.outcome
        self._time(choice)
        self._follow(token.around, choice)

    def _silence(self, token: Token, how: str) -> None:
        part: Any = self.body.steps[token.step]
        self.tokens.remove(token)
        self.visited[token.step] = token.at
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
            self._put(Token(name, around, self.at))
            self.tokens += [Token(f"{name}#{unit}", (*around, (running, unit)), self.at) for unit in self.units]
            self._join(running, part, around)
        else:
            self.lasting |= isinstance(part, SubcasesStep | OutsideStep)
            limit: Limit | None = part.limit if isinstance(part, Waiting) else None
            self._put(Token(name, around, self.at, Ticking(self.at, limit.n) if limit else None))

    def _put(self, token: Token) -> None:
        self.tokens.append(token)
        part = self.body.steps[token.step]
        if not self._path(token.step) and isinstance(part, PostStep | ApplicantStep):
            self.been.setdefault(token.step, token.at)

    def _end(self) -> None:
        self.tokens.clear()
        self._stop()
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
        return paths(self.body)[name]


def _of(place: str) -> str:
    return place.partition("#")[0]


def silences(model: Model, until: datetime) -> list[tuple[datetime, str]]:
    """The silences that are due, the earliest first."""
    found = []
    for token in model.tokens:
        due = token.own.due if token.own and getattr(model.body.steps[token.step], "silence", None) else None
        if due and due <= until:
            found.append((due, token.place))
    return sorted(found)
