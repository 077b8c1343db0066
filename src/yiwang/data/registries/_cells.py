"""Values of an entry and what replaced them: pure. A cell says what holds, who says so, from which day, and which intake brought it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

HERE = "_here"
_GONE = "gone"


@dataclass(frozen=True, slots=True)
class Cell:
    """`was` is set where a person put the value right: what the source says as long as it has not followed."""

    value: str | None
    source: str
    since: str
    intake: int
    was: str | None = None


NOTHING = Cell(None, "", "", 0)
Cells = dict[str, Cell]
Groups = list[list[Any]]


def packed(cells: Mapping[str, Cell]) -> Groups:
    """As it is kept: one group for a source, day and intake, so that what came together says so once."""
    groups: dict[tuple[str, str, int], tuple[dict[str, str | None], dict[str, str]]] = {}
    for name, cell in cells.items():
        values, was = groups.setdefault((cell.source, cell.since, cell.intake), ({}, {}))
        values[name] = cell.value
        if cell.was is not None:
            was[name] = cell.was
    return [[*head, values, was] if was else [*head, values] for head, (values, was) in groups.items()]


def unpacked(groups: Groups) -> Cells:
    found: Cells = {}
    for source, since, intake, values, *rest in groups:
        was = rest[0] if rest else {}
        found |= {name: Cell(value, source, since, intake, was.get(name)) for name, value in values.items()}
    return found


def renewed(old: Cells, new: Mapping[str, Cell]) -> tuple[Cells, Cells]:
    """The cells as they stand after `new`, and those that were replaced; what is said again changes nothing."""
    now, past = dict(old), Cells()
    for name, cell in new.items():
        before = old.get(name, NOTHING)
        is_again = cell.was is None and before.was is not None and (cell.value or "") == before.was
        if cell.value == before.value or is_again:
            continue
        now[name], past[name] = cell, before
    return now, past


def corrected(old: Cells, name: str, cell: Cell) -> Cell:
    """A cell that a person puts right, keeping what the source said."""
    before = old.get(name, NOTHING)
    said = before.was if before.was is not None else before.value or ""
    return Cell(cell.value, cell.source, cell.since, cell.intake, said)


def absent(since: str, intake: int) -> Cell:
    """The mark of an entry that its source reports no more."""
    return Cell(_GONE, "", since, intake)


def present(since: str, intake: int) -> Cell:
    return Cell(None, "", since, intake)


def is_here(cells: Mapping[str, Cell]) -> bool:
    return cells.get(HERE, NOTHING).value != _GONE


def stood(
    now: Cells, pasts: Iterable[Cells], taken: Mapping[int, datetime], as_of: str | None, known_at: datetime | None
) -> Cells:
    """What held on a day as it was known at a moment; `pasts` are the newest first.

    Of what had been said by then from a day not after it, the last that was said.
    """
    found: Cells = {}
    for cells in (now, *pasts):
        for name, cell in cells.items():
            is_known = known_at is None or cell.intake not in taken or taken[cell.intake] <= known_at
            if name not in found and is_known and (as_of is None or cell.since <= as_of):
                found[name] = cell
    return found
