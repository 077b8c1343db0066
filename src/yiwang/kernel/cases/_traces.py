"""What one choice changed, kept with the case for as long as it could be taken back. Pure but for the rows it names."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, TypeVar

from yiwang.kernel.cases._moves import Marking, Round, instance_of, step_of

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Trace:
    """A choice: the places it closed and opened with the ids of their tasks, and what else of the marking it changed."""

    closed: Mapping[str, int]
    opened: Mapping[str, int]
    forks: Mapping[str, Any]
    rounds: Mapping[str, Any]
    taken: tuple[str, ...]
    outcome: tuple[str, str]
    effects: tuple[Mapping[str, Any], ...]

    def stored(self) -> dict[str, Any]:
        return asdict(self)


def trace(before: Marking, after: Marking, closed: Mapping[str, int], opened: Mapping[str, int], effects: Any) -> Trace:
    # A round in which one answered must go on for the answer to be taken back, also if the answer did not count.
    asked, counts = {step_of(name) for name in closed if instance_of(name)}, _counts(after)
    return Trace(
        closed,
        opened,
        _changes({k: sorted(v) for k, v in before.forks.items()}, {k: sorted(v) for k, v in after.forks.items()}),
        {name: [one, one] for name, one in counts.items() if name in asked} | _changes(_counts(before), counts),
        tuple(sorted(after.taken - before.taken)),
        (before.outcome, after.outcome),
        tuple(effects),
    )


def from_stored(stored: Mapping[str, Any]) -> Trace:
    return Trace(**{**stored, "taken": tuple(stored["taken"]), "outcome": tuple(stored["outcome"])})


def undone(was: Trace, now: Marking, ids: Mapping[str, int]) -> Marking | None:
    """The marking without a choice; None once somebody has acted on what followed from it."""
    if now.is_ended or any(ids.get(name) != pk for name, pk in was.opened.items()) or now.outcome != was.outcome[1]:
        return None
    forks = _without({name: sorted(one) for name, one in now.forks.items()}, was.forks, _less_branches)
    rounds = _without(_counts(now), was.rounds, _less_answers)
    if (
        forks is None
        or rounds is None
        or set(was.taken) - now.taken
        or (was.closed.keys() - was.opened.keys()) & now.open
    ):
        return None
    return replace(
        now,
        open=(now.open - was.opened.keys()) | was.closed.keys(),
        forks={name: frozenset(one) for name, one in forks.items()},
        rounds={name: Round(*one) for name, one in rounds.items()},
        taken=now.taken - set(was.taken),
        outcome=was.outcome[0],
    )


def alive(kept: Mapping[str, Any], now: Marking, ids: Mapping[str, int]) -> dict[str, Any]:
    """Of the choices that are kept, by their tasks, those that could still be taken back."""
    return {key: was for key, was in kept.items() if undone(from_stored(was), now, ids) is not None}


def besides_steps(kept: Mapping[str, Any], is_gone: Callable[[str], bool]) -> dict[str, Any]:
    """Of the choices that are kept, those taken at steps that are not gone."""
    return {key: was for key, was in kept.items() if not any(is_gone(step_of(name)) for name in was["closed"])}


def besides(kept: Mapping[str, Any], joins: set[str]) -> dict[str, Any]:
    """Of the choices that are kept, those that did not bring one of these joins to go on."""
    return {
        key: was
        for key, was in kept.items()
        if not any(
            name in joins and after is None for name, (_, after) in [*was["forks"].items(), *was["rounds"].items()]
        )
    }


def _counts(marking: Marking) -> dict[str, Any]:
    return {name: [one.among, one.counted] for name, one in marking.rounds.items()}


def _changes(before: Mapping[str, Value], after: Mapping[str, Value]) -> dict[str, list[Value | None]]:
    names = before.keys() | after.keys()
    return {name: [before.get(name), after.get(name)] for name in sorted(names) if before.get(name) != after.get(name)}


def _without(now: Mapping[str, Any], changes: Mapping[str, Any], less: Any) -> dict[str, Any] | None:
    """`now` with each change taken back; None if one of them can no longer be."""
    found = dict(now)
    for name, (before, after) in changes.items():
        if after is None:
            if name in now:
                return None
            found[name] = before
        elif name not in now or (before is None and now[name] != after):
            return None
        elif before is None:
            del found[name]
        else:
            taken_back = less(now[name], before, after)
            if taken_back is None:
                return None
            found[name] = taken_back
    return found


def _less_branches(now: list[str], before: list[str], after: list[str]) -> list[str] | None:
    came = set(after) - set(before)
    return sorted(set(now) - came) if came <= set(now) else None


def _less_answers(now: list[int], before: list[int], after: list[int]) -> list[int] | None:
    counted = now[1] - (after[1] - before[1])
    return [now[0], counted] if now[0] == after[0] and counted >= 0 else None
