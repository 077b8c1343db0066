"""Answers as planes: a bit a record, kept once for each part of the conditions and combined for each rule bit by bit."""

from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

import pyarrow
import pyarrow.compute as pc

from yiwang.kernel.rules._rule import CompiledRule
from yiwang.kernel.rules._scan import Scan
from yiwang.kernel.rules._tree import Node


class Piece:
    """Some of the records: what one scan worked out of them, and what each rule makes of it."""

    def __init__(self, scan: Scan, batch: Any) -> None:
        self.keys = batch.column(0)
        self._scan = scan
        self._column: Callable[[str], Any] = batch.column
        self._truths: dict[Node, Any] = {}

    def answer(self, rule: CompiledRule) -> Any:
        """Whether each record meets the rule; null while unknown."""
        return self._logic(rule.tree)

    def columns(self, rule: CompiledRule) -> dict[str, Any]:
        """What the rule came to: `key`, `answer`, and by name `condition.…`, `missing.…` (while unknown), `output.…` (where met)."""
        answer = self.answer(rule)
        found = {"key": self.keys, "answer": answer}
        for condition, tree in zip(rule.conditions, rule.trees, strict=True):
            found[f"condition.{condition.code}"] = self._truth(tree)
        unknown = pc.is_null(answer)
        for name in rule.fact_names:
            lacking = [blamed for tree in rule.trees if (blamed := self._blamed(tree, name)) is not None]
            if lacking:
                found[f"missing.{name}"] = pc.and_(unknown, reduce(pc.or_, lacking))
        for output in rule.outputs:
            name, places = self._scan.values[output.tree]
            found[f"output.{output.name}"] = _pointed(pc.if_else(answer, self._column(name), None), places)
        return found

    def _truth(self, node: Node) -> Any:
        found = self._truths.get(node)
        if found is None:
            found = self._truths[node] = self._logic(node)
        return found

    def _logic(self, node: Node) -> Any:
        column = self._scan.truths.get(node)
        if column is not None:
            return self._column(column)
        if node.op == "literal":
            return pyarrow.repeat(pyarrow.scalar(node.value, pyarrow.bool_()), len(self.keys))
        return _LOGIC[node.op]([self._truth(arg) for arg in node.args])

    def _blamed(self, node: Node, fact: str) -> Any | None:
        """Where the part is unknown for want of the fact, as `_missing` says it in SQL; None where it nowhere is."""
        if node in self._scan.truths or node.op == "literal":
            column = self._scan.blames.get((node, fact))
            return None if column is None else self._column(column)
        found = [blamed for arg in node.args if (blamed := self._blamed(arg, fact)) is not None]
        if not found or node.op == "not":
            return found[0] if found else None
        return pc.and_(pc.is_null(self._truth(node)), reduce(pc.or_, found))


def _pointed(numbers: Any, places: int) -> Any:
    """Whole numbers with the point set before so many digits: the same digits read as another type."""
    if not places:
        return numbers
    wide = numbers.cast(pyarrow.decimal128(38, 0))
    return pyarrow.Array.from_buffers(pyarrow.decimal128(38, places), len(wide), wide.buffers(), offset=wide.offset)


def _case(args: list[Any]) -> Any:
    *pairs, result = args
    for test, value in reversed(list(zip(pairs[0::2], pairs[1::2], strict=True))):
        result = pc.if_else(pc.fill_null(test, False), value, result)
    return result


_LOGIC: Mapping[str, Callable[[list[Any]], Any]] = {
    "and": lambda args: reduce(pc.and_kleene, args),
    "or": lambda args: reduce(pc.or_kleene, args),
    "not": lambda args: pc.invert(args[0]),
    "is-null": lambda args: pc.is_null(args[0]),
    "case": _case,
}
