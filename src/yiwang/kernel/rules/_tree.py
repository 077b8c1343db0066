"""A checked expression as a small tree: the one form that Python, the browser and SQL are made from."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

TYPES = ("bool", "integer", "decimal", "date", "code", "text")


@dataclass(frozen=True, slots=True)
class Node:
    """An operation, a fact (`value` is its name) or a literal. A case's args are condition, result, …, else."""

    op: str
    type: str
    args: "tuple[Node, ...]" = ()
    value: bool | int | Decimal | date | str | None = None

    def walk(self) -> "Iterator[Node]":
        yield self
        for arg in self.args:
            yield from arg.walk()

    def as_json(self) -> dict[str, Any]:
        """For the browser: numbers and dates as text, so that nothing is rounded."""
        shown: dict[str, Any] = {"op": self.op, "type": self.type}
        if self.args:
            shown["args"] = [arg.as_json() for arg in self.args]
        if self.op in ("fact", "literal"):
            shown["value"] = _written(self.value)
        return shown


def _written(value: object) -> object:
    if isinstance(value, Decimal):
        return format(value, "f")  # str() would write 1E-18
    return value if isinstance(value, bool | None) else str(value)
