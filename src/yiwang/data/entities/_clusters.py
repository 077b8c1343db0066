"""From pairs to entities, and from an earlier run's entities to this one's: pure."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Numbered:
    """`entity` of each record; numbers of earlier entities that were merged into another, and that lost records to others."""

    entity: Mapping[int, int]
    last: int
    merged: Mapping[int, tuple[int, ...]]
    split: Mapping[int, tuple[int, ...]]


def joined(pairs: Iterable[tuple[int, int]], *, apart: Iterable[tuple[int, int]] = ()) -> dict[int, int]:
    """The least record of the group of each record in a pair. Pairs come strongest first; two that are `apart` never end in one group."""
    parent: dict[int, int] = {}
    enemies: dict[int, set[int]] = defaultdict(set)
    for left, right in apart:
        enemies[left].add(right)
        enemies[right].add(left)

    def root(record: int) -> int:
        while (above := parent.setdefault(record, record)) != record:
            parent[record] = parent[above]
            record = parent[record]
        return record

    for left, right in pairs:
        a, b = root(left), root(right)
        if a == b or any(root(enemy) == b for enemy in enemies.get(a, ())):
            continue
        low, high = min(a, b), max(a, b)
        parent[high] = low
        if high in enemies:
            enemies[low] |= enemies.pop(high)
    return {record: root(record) for record in parent}


def numbered(group: Mapping[int, int], before: Mapping[int, int], *, last: int) -> Numbered:
    """Numbers for groups that keep those of an earlier run wherever most of a group's records were.

    An earlier number goes to one group at most, that with most of its records; a group that gets none takes a new one.
    """
    shared: Counter[tuple[int, int]] = Counter()
    for record, leader in group.items():
        if record in before:
            shared[before[record], leader] += 1
    taken: dict[int, int] = {}
    given: set[int] = set()
    for (number, leader), _ in sorted(shared.items(), key=lambda item: (-item[1], item[0])):
        if leader not in taken and number not in given:
            taken[leader] = number
            given.add(number)
    for leader in sorted(set(group.values())):
        if leader not in taken:
            last += 1
            taken[leader] = last
    went: dict[int, set[int]] = defaultdict(set)
    for number, leader in shared:
        went[number].add(taken[leader])
    merged = {number: tuple(sorted(to)) for number, to in went.items() if number not in to}
    split = {number: tuple(sorted(to - {number})) for number, to in went.items() if number in to and len(to) > 1}
    return Numbered({record: taken[leader] for record, leader in group.items()}, last, merged, split)
