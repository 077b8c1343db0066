"""A checked expression as a small tree: the one form that Python, the browser and SQL are made from."""

from collections.abc import Iterator, Mapping
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

    @property
    def may_be_unknown(self) -> bool:
        """Whether the value can be unknown at all."""
        if self.op in ("fact", "literal"):
            return self.op == "fact" or self.value is None
        if self.op == "is-null":
            return False
        if self.op == "div" and not (self.args[1].op == "literal" and self.args[1].value):
            return True
        own = [*self.args[1:-1:2], self.args[-1]] if self.op == "case" else self.args
        return all(arg.may_be_unknown for arg in own) if self.op == "coalesce" else any(a.may_be_unknown for a in own)

    def with_values(self, values: "Mapping[str, Node]") -> "Node":
        """The tree with literals in the place of these facts."""
        if self.op == "fact":
            return values.get(str(self.value), self)
        return Node(self.op, self.type, tuple(arg.with_values(values) for arg in self.args), self.value)

    def as_json(self) -> dict[str, Any]:
        """For the browser: numbers and dates as text, so that nothing is rounded."""
        shown: dict[str, Any] = {"op": self.op, "type": self.type}
        if self.args:
            shown["args"] = [arg.as_json() for arg in self.args]
        if self.op in ("fact", "literal"):
            shown["value"] = _written(self.value)
        return shown


def facts_of(*trees: Node) -> frozenset[str]:
    """The facts that the trees name."""
    return frozenset(str(node.value) for tree in trees for node in tree.walk() if node.op == "fact")


def _written(value: object) -> object:
    if isinstance(value, Decimal):
        return format(value, "f")  # str() would write 1E-18
    return value if isinstance(value, bool | None) else str(value)
