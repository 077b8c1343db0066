"""Lowers the blame for an unknown answer: a bit for each fact whose absence leaves a condition open, as `_blame` finds them."""

from collections.abc import Iterable, Mapping

from yiwang.kernel.rules._sql import Cell, Lowering
from yiwang.kernel.rules._tree import Node, facts_of

WORD = 60
_LAX = ("and", "or", "coalesce", "case")


def missing_masks(low: Lowering, condition: Node, places: Mapping[str, int]) -> dict[int, Cell]:
    """For each word of bits that the condition's facts stand in, the bits of those that would settle it; 0 while it is known.

    Fact n stands in word n // 60 at bit n % 60.
    """
    words: dict[int, list[str]] = {}
    level = 0
    for fact in sorted(facts_of(condition)):
        cell = blamed(low, condition, fact)
        if cell:
            word, bit = divmod(places[fact], WORD)
            level = max(level, cell.level)
            words.setdefault(word, []).append(
                f"CASE WHEN {cell.sql} THEN {low.bit(bit, len(places))} ELSE {low.bit(None, len(places))} END"
            )
    return {word: low.named(Cell(f"({' + '.join(bits)})", level=level)) for word, bits in words.items()}


def blamed(low: Lowering, node: Node, fact: str) -> Cell | None:
    """Whether the part is unknown for want of the fact; None where it cannot be."""
    if node.op == "fact":
        cell = low.cell(node)
        return Cell(f"{cell.sql} IS NULL", level=cell.level) if node.value == fact else None
    inner = _of_case(low, node, fact) if node.op == "case" else _any(blamed(low, arg, fact) for arg in node.args)
    if inner is None or node.op == "is-null":
        return None
    # What a strict operation lacks always leaves it unknown; the others may have been settled without it.
    return (
        _both(f"{low.named(low.cell(node)).sql} IS NULL", low.named(low.cell(node)), inner)
        if node.op in _LAX
        else inner
    )


def _of_case(low: Lowering, node: Node, fact: str) -> Cell | None:
    *pairs, otherwise = node.args
    inner = blamed(low, otherwise, fact)
    for test, result in reversed(list(zip(pairs[0::2], pairs[1::2], strict=True))):
        taken, passed, holds = blamed(low, result, fact), inner, low.named(low.cell(test))
        parts = [
            blamed(low, test, fact),
            _both(holds.sql, holds, taken) if taken else None,
            _both(f"NOT coalesce({holds.sql}, FALSE)", holds, passed) if passed else None,
        ]
        inner = _any(parts)
    return inner


def _both(test: str, tested: Cell, inner: Cell) -> Cell:
    return Cell(f"({test} AND {inner.sql})", level=max(tested.level, inner.level))


def _any(parts: Iterable[Cell | None]) -> Cell | None:
    found = [part for part in parts if part]
    if len(found) < 2:
        return found[0] if found else None
    return Cell(f"({' OR '.join(part.sql for part in found)})", level=max(part.level for part in found))
