"""Finds the facts whose absence leaves a tree unknown."""

from collections.abc import Iterator, Sequence
from typing import Any

from yiwang.kernel.rules import _python
from yiwang.kernel.rules._tree import Node


class Blame:
    """What is missing in a tree over the facts `names`; works out every part once and walks down those that are unknown."""

    def __init__(self, tree: Node, names: Sequence[str]) -> None:
        self._tree = tree
        self._parts = list(dict.fromkeys(tree.walk()))
        self._run = _python.function(self._parts, names)

    def missing(self, values: Sequence[Any]) -> tuple[str, ...]:
        """The facts that would settle it, given the facts' values in order; empty when it is known."""
        worked_out = dict(zip(self._parts, self._run(values), strict=True))
        return tuple(sorted(set(_blamed(self._tree, worked_out))))


def _blamed(node: Node, values: dict[Node, Any]) -> Iterator[str]:
    if values[node] is not None:
        return
    if node.op == "fact":
        yield str(node.value)
    for arg in _in_question(node, values):
        yield from _blamed(arg, values)


def _in_question(node: Node, values: dict[Node, Any]) -> Iterator[Node]:
    """The parts that the value hangs on; of a case, the tests before the branch taken, and that branch."""
    if node.op != "case":
        yield from node.args
        return
    *pairs, otherwise = node.args
    for test, result in zip(pairs[0::2], pairs[1::2], strict=True):
        yield test
        if values[test] is True:
            yield result
            return
    yield otherwise
