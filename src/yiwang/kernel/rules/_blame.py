"""Finds the facts whose absence leaves a tree unknown."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from yiwang.kernel.rules import _python
from yiwang.kernel.rules._tree import Node


class _Part(NamedTuple):
    """A part of a tree, with its place among the values worked out."""

    op: str
    place: int
    fact: str
    args: "tuple[_Part, ...]"


class Blame:
    """What is missing in a tree over the facts `names`; works out every part once and walks down those that are unknown."""

    def __init__(self, tree: Node, names: Sequence[str]) -> None:
        parts = list(dict.fromkeys(tree.walk()))
        self._root = _placed(tree, {part: place for place, part in enumerate(parts)})
        self._run = _python.function(parts, names)

    def missing(self, values: Sequence[Any]) -> tuple[str, ...]:
        """The facts that would settle it, given the facts' values in order; empty when it is known."""
        return tuple(sorted(set(_blamed(self._root, self._run(values)))))


def _placed(node: Node, places: dict[Node, int]) -> _Part:
    args = tuple(_placed(arg, places) for arg in node.args)
    return _Part(node.op, places[node], str(node.value) if node.op == "fact" else "", args)


def _blamed(part: _Part, values: Sequence[Any]) -> Iterator[str]:
    if values[part.place] is not None:
        return
    if part.fact:
        yield part.fact
    for arg in _in_question(part, values):
        yield from _blamed(arg, values)


def _in_question(part: _Part, values: Sequence[Any]) -> Iterator[_Part]:
    """The parts that the value hangs on; of a case, the tests before the branch taken, and that branch."""
    if part.op != "case":
        yield from part.args
        return
    *pairs, otherwise = part.args
    for test, result in zip(pairs[0::2], pairs[1::2], strict=True):
        yield test
        if values[test.place] is True:
            yield result
            return
    yield otherwise
