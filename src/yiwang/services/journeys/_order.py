"""The order of parts: cycles, when each may begin, and the chain that decides the promised day. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

CHAINS_MAX = 10


@dataclass(frozen=True, slots=True)
class Schedule:
    """For each part the day it may begin, the day it is done, counted from filing, and the days it could be late.

    `paths` are the chains that decide the promised day: each is as long as the whole.
    """

    starts: Mapping[str, int]
    ends: Mapping[str, int]
    slack: Mapping[str, int]
    paths: tuple[tuple[str, ...], ...]

    @property
    def days(self) -> int:
        return max(self.ends.values(), default=0)


def cycle(after: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Parts that wait for one another in a ring, in order; empty when there is none. Unknown names are passed over."""
    state: dict[str, int] = {}
    trail: list[str] = []

    def visit(name: str) -> tuple[str, ...]:
        if state.get(name) == 2:
            return ()
        if state.get(name) == 1:
            return (*trail[trail.index(name) :], name)
        state[name] = 1
        trail.append(name)
        for before in after[name]:
            if before in after and (found := visit(before)):
                return found
        trail.pop()
        state[name] = 2
        return ()

    for name in after:
        if found := visit(name):
            return found
    return ()


def schedule(days: Mapping[str, int], after: Mapping[str, Sequence[str]]) -> Schedule:
    """Longest path: a part begins when all it waits for are done. `after` has no cycle and names only keys of `days`."""
    order = _sorted(after)
    starts: dict[str, int] = {}
    for name in order:
        starts[name] = max((starts[before] + days[before] for before in after[name]), default=0)
    ends = {name: starts[name] + days[name] for name in starts}
    whole = max(ends.values(), default=0)
    latest = dict.fromkeys(ends, whole)
    for name in reversed(order):
        for before in after[name]:
            latest[before] = min(latest[before], latest[name] - days[name])
    slack = {name: latest[name] - ends[name] for name in ends}
    return Schedule(starts, ends, slack, tuple(_chains(ends, starts, after, whole)))


def _sorted(after: Mapping[str, Sequence[str]]) -> list[str]:
    done: dict[str, None] = {}

    def visit(name: str) -> None:
        for before in after[name]:
            if before not in done:
                visit(before)
        done[name] = None

    for name in after:
        if name not in done:
            visit(name)
    return list(done)


def _chains(
    ends: Mapping[str, int], starts: Mapping[str, int], after: Mapping[str, Sequence[str]], whole: int
) -> Iterator[tuple[str, ...]]:
    waiting: list[tuple[str, ...]] = [(name,) for name in ends if ends[name] == whole]
    found = 0
    while waiting and found < CHAINS_MAX:
        chain = waiting.pop(0)
        before = [name for name in after[chain[0]] if ends[name] == starts[chain[0]]]
        if before:
            waiting += [(name, *chain) for name in before]
        else:
            found += 1
            yield chain
