"""Stores of things that are kept for a time, and what a run did."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

# The advisory lock of whoever erases; a backup holds it shared. Any constant that no other lock of the house uses.
ERASING = 0x59574552


class Due(Protocol):
    """Numbers of what is past `before`, oldest first, without those that `done` holds."""

    def __call__(self, before: datetime, *, done: Any) -> Any: ...


@dataclass(frozen=True, slots=True)
class Store:
    """A kind of thing that is kept for a time. `erase(numbers, ground)` runs inside a transaction and takes all of them.

    Where a row stays behind with its content gone, `leaves_row` has it remembered as erased.
    """

    name: str
    title: str
    since: str
    due: Due
    erase: Callable[..., None]
    leaves_row: bool = False


@dataclass(frozen=True, slots=True)
class DueReport:
    """What a policy would erase at a moment: everything of `store` from before `before`."""

    policy: str
    store: str
    title: str
    since: str
    keep: str
    before: datetime
    count: int
    basis: Sequence[str]


@dataclass(frozen=True, slots=True)
class ErasureReport:
    policy: str
    store: str
    count: int


_stores: dict[str, Store] = {}


def register_store(store: Store) -> None:
    """Declare a store; called once in AppConfig.ready()."""
    _stores[store.name] = store


def stores() -> dict[str, Store]:
    return dict(_stores)


def named(names: Iterable[str]) -> str:
    """Names for a sentence."""
    return "、".join(sorted(names))
