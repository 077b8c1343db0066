"""An expression ready to run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from yiwang.kernel.rules import _python
from yiwang.kernel.rules._blame import Blame
from yiwang.kernel.rules._tree import Node, facts_of
from yiwang.kernel.rules._values import READ, Read, values_of


@dataclass(frozen=True)
class Expression:
    """A checked text over declared facts. An absent fact is unknown, and so is a text not yet a value of its type."""

    text: str
    type: str
    facts: frozenset[str]
    tree: Node = field(repr=False)

    def evaluate(self, facts: Mapping[str, object]) -> Any:
        """True, False or None (unknown) for a condition; the value or None for another type."""
        return self._run(values_of(facts, self._readers))[0]

    def missing(self, facts: Mapping[str, object]) -> tuple[str, ...]:
        """The facts whose absence leaves the answer unknown; empty when it is known."""
        return self._blame.missing(values_of(facts, self._readers))

    def as_json(self) -> dict[str, Any]:
        """The tree for static/rules/evaluate.js."""
        return self.tree.as_json()

    @cached_property
    def _readers(self) -> list[tuple[str, Read]]:
        types = {str(node.value): node.type for node in self.tree.walk() if node.op == "fact"}
        return [(name, READ[kind]) for name, kind in sorted(types.items())]

    @cached_property
    def _run(self) -> _python.Run:
        return _python.function([self.tree], [name for name, _ in self._readers])

    @cached_property
    def _blame(self) -> Blame:
        return Blame(self.tree, [name for name, _ in self._readers])


def expression(text: str, tree: Node) -> Expression:
    return Expression(text, tree.type, facts_of(tree), tree)
