"""An expression ready to run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from yiwang.kernel.rules._closures import Run, compiled
from yiwang.kernel.rules._tree import Node


@dataclass(frozen=True, slots=True)
class Expression:
    """A checked text over declared facts. An absent fact is unknown, and so is a text not yet a value of its type."""

    text: str
    type: str
    facts: frozenset[str]
    _tree: Node = field(repr=False)
    _run: Run = field(repr=False, compare=False)

    def evaluate(self, facts: Mapping[str, object]) -> Any:
        """True, False or None (unknown) for a condition; the value or None for another type."""
        return self._run(facts)

    def missing(self, facts: Mapping[str, object]) -> tuple[str, ...]:
        """The facts whose absence leaves the answer unknown; empty when it is known."""
        return tuple(sorted(_blamed(self._tree, facts)))

    def as_json(self) -> dict[str, Any]:
        """The tree for static/rules/evaluate.js."""
        return self._tree.as_json()


def expression(text: str, tree: Node) -> Expression:
    facts = frozenset(str(node.value) for node in tree.walk() if node.op == "fact")
    return Expression(text, tree.type, facts, tree, compiled(tree))


def _blamed(node: Node, facts: Mapping[str, object]) -> set[str]:
    if compiled(node)(facts) is not None:
        return set()
    if node.op == "fact":
        return {str(node.value)}
    if node.op == "case":
        return _blamed_of_case(node, facts)
    return set().union(*(_blamed(arg, facts) for arg in node.args))


def _blamed_of_case(node: Node, facts: Mapping[str, object]) -> set[str]:
    """Of the tests before the branch taken, and of that branch."""
    blamed: set[str] = set()
    *pairs, otherwise = node.args
    for test, result in zip(pairs[0::2], pairs[1::2], strict=True):
        blamed |= _blamed(test, facts)
        if compiled(test)(facts) is True:
            return blamed | _blamed(result, facts)
    return blamed | _blamed(otherwise, facts)
