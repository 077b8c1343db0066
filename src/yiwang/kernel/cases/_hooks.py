"""Where upper apps hang in what only they know: case kinds, effects, plans, outside systems."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.cases._round_shapes import Instance
from yiwang.kernel.cases._shapes import CaseView, FamilyView, Part, SlotView


@dataclass(frozen=True, slots=True)
class EffectContext:
    """What an effect may know: the case as it stands, what was chosen, and the words and form that came with it."""

    case: CaseView
    step: str
    choice: str
    form: Mapping[str, Any]
    grounds: str
    by: Actor
    at: datetime
    params: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ForeseenEffect:
    """An effect that a choice would run, by name, and what it would be told."""

    name: str
    context: EffectContext


@dataclass(frozen=True, slots=True)
class OutsideRequest:
    """What an outside system is asked to handle; `reference` comes back in its reports, `message_id` never changes."""

    system: str
    message_id: str
    reference: str
    case: CaseView
    step: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OutsideCallView:
    """What an outside system is asked to handle: the system, and our reference that its reports name."""

    system: str
    reference: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """That the outside system has taken the request, under its own number where it gives one."""

    their_number: str = ""


class OutsideAdapter(Protocol):
    """Speaks with one outside system. `push` raises Unavailable when it may be tried again."""

    def push(self, request: OutsideRequest) -> Receipt: ...


@dataclass(frozen=True, slots=True)
class CaseKind:
    """A kind of case an app handles, and the page on which its staff do."""

    code: str
    name: str
    desk_url_name: str = ""


Effect = Callable[[EffectContext], Mapping[str, Any] | None]
Undo = Callable[[EffectContext], None]
Plan = Callable[[CaseView], list[Part]]
Prepare = Callable[[SlotView, FamilyView], Mapping[str, Any]]


Roll = Callable[[CaseView], Sequence[Instance]]


@dataclass(frozen=True, slots=True)
class RegisteredPlan:
    plan: Plan
    prepare: Prepare | None


kinds: dict[str, CaseKind] = {}
effects: dict[str, Effect] = {}
plans: dict[str, RegisteredPlan] = {}
rolls: dict[str, Roll] = {}
undos: dict[str, Undo] = {}
outsides: dict[str, OutsideAdapter] = {}
ANY_SYSTEM = "*"


def register_case_kind(kind: CaseKind) -> None:
    """Declare a kind of case; called in AppConfig.ready()."""
    kinds[kind.code] = kind


def register_effect(name: str, fn: Effect, *, undo: Undo | None = None) -> None:
    """Let flows name `fn`. It runs in the step's transaction; what it returns is added to the case's results.

    With `undo` the choice that ran it can be taken back; without, it is taken to have gone out into the world.
    """
    effects[name] = fn
    if undo is not None:
        undos[name] = undo


def register_plan(name: str, plan: Plan, prepare: Prepare | None = None) -> None:
    """Let flows name the function that says which sub-cases a step has; `prepare` adds data when a slot opens."""
    plans[name] = RegisteredPlan(plan, prepare)


def register_roll(name: str, roll: Roll) -> None:
    """Let flows name the function that says whom a step of many asks (`for_each: plan:<name>`)."""
    rolls[name] = roll


def register_outside(system: str, adapter: OutsideAdapter) -> None:
    """Let flows push to an outside system through `adapter`; ANY_SYSTEM serves all that have none of their own."""
    outsides[system] = adapter
