"""Lowers the blame for an unknown answer: a bit for each fact whose absence leaves it open, as `_blame` finds them."""

from collections.abc import Iterable, Sequence

from yiwang.kernel.rules._sql import Lowering
from yiwang.kernel.rules._tree import Node, facts_of

_LAX = ("and", "or", "coalesce")


def missing_mask(low: Lowering, trees: Sequence[Node], facts: Sequence[str], answer: str) -> str:
    """SQL for the bits of the facts (by their place in `facts`) that would settle an unknown answer; 0 when it is known."""
    bits = []
    for place, fact in enumerate(facts):
        blamed = [sql for tree in trees if fact in facts_of(tree) and (sql := _blamed(low, tree, fact))]
        if blamed:
            bits.append(f"CASE WHEN {' OR '.join(blamed)} THEN {1 << place} ELSE 0 END")
    return f"CASE WHEN {answer} IS NULL THEN {' + '.join(bits)} ELSE 0 END" if bits else "0"


def _blamed(low: Lowering, node: Node, fact: str) -> str:
    """Whether the part is unknown for want of the fact; empty where it cannot be."""
    if node.op == "fact":
        return f"{low.cell(node).sql} IS NULL" if node.value == fact else ""
    inner = _of_case(low, node, fact) if node.op == "case" else _any(_blamed(low, arg, fact) for arg in node.args)
    if not inner or node.op == "is-null":
        return ""
    # What a strict operation lacks always leaves it unknown; the others may have been settled without it.
    return f"({low.cell(node).sql} IS NULL AND {inner})" if node.op in (*_LAX, "case") else inner


def _of_case(low: Lowering, node: Node, fact: str) -> str:
    *pairs, otherwise = node.args
    inner = _blamed(low, otherwise, fact)
    for test, result in reversed(list(zip(pairs[0::2], pairs[1::2], strict=True))):
        taken, passed = _blamed(low, result, fact), inner
        holds = low.cell(test).sql
        parts = [
            _blamed(low, test, fact),
            f"({holds} AND {taken})" if taken else "",
            f"(NOT coalesce({holds}, FALSE) AND {passed})" if passed else "",
        ]
        inner = _any(parts)
    return inner


def _any(parts: Iterable[str]) -> str:
    found = [part for part in parts if part]
    return f"({' OR '.join(found)})" if len(found) > 1 else "".join(found)
