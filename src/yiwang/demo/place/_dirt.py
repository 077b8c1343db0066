"""Mistakes in the registers that the demo place's departments deliver, so that quarantine, quality pages and objections have something to show.

Only rows are added, never a right one spoilt: registries built from the files are whole. Which rows is decided by their number alone.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

Row = Sequence[Any]
Way = Callable[[Row], Row]
_NOBODY = "990101190001019995"


class Dirt:
    """Rows of one register with mistakes among them; `ways` are (every so many rows, what is added then)."""

    def __init__(self, ways: Sequence[tuple[int, Way]]) -> None:
        self._ways = ways
        self._seen = 0

    def among(self, rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            self._seen += 1
            yield row
            yield from (way(row) for every, way in self._ways if self._seen % every == 0)


def without(*places: int) -> Way:
    """The same record once more, with some cells left empty."""
    return lambda row: ["" if place in places else cell for place, cell in enumerate(row)]


def torn(row: Row) -> Row:
    """The line broke off."""
    return row[:2]


def wrong_digit(row: Row) -> Row:
    """A copy of which the last sign of the number was mistyped."""
    number = str(row[0])
    return [number[:-1] + ("0" if number[-1] != "0" else "1"), *row[1:]]


def of_nobody(row: Row) -> Row:
    """Somebody insured of whom the population register knows nothing: the number is right, but out of use."""
    return [f"{row[2]}:{_NOBODY}", _NOBODY, *row[2:]]


WAYS: Mapping[str, Sequence[tuple[int, Way]]] = {
    "residents.csv": ((120, without(7, 9)), (160, wrong_digit), (200, torn)),
    "households.csv": ((75, without(2)), (200, torn)),
    "insured.csv": ((250, of_nobody), (200, torn)),
}
