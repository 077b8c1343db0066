"""How alike two texts are, kept as numbers that say nothing of the texts: keyed min-hashes of three-sign pieces."""

import re
import unicodedata
from functools import cache
from hashlib import blake2b

from yiwang.kernel.base.sealing import sealed_index

SLOTS, BANDS = 16, 8
_PIECE = 3
_EMPTY = 1 << 63
_BREAKS = re.compile(r"[\W_]+")


def sketch(text: str) -> list[int]:
    """Sixteen numbers; equal ones at the same place are as frequent as pieces that two texts share.

    Empty for a text that has no pieces. The key is derived from the installation's, so a list of words finds nothing.
    """
    slots = [_EMPTY] * SLOTS
    for piece in _pieces(text):
        number = int.from_bytes(blake2b(piece.encode(), digest_size=8, key=_key()).digest(), "big")
        slot, rest = number % SLOTS, number >> 5
        slots[slot] = min(slots[slot], rest)
    if all(slot == _EMPTY for slot in slots):
        return []
    return _filled(slots)


def bands(numbers: list[int]) -> list[int]:
    """Eight numbers; two texts that are alike have one in common, and an index finds it."""
    width = SLOTS // BANDS
    rows = [numbers[at : at + width] for at in range(0, len(numbers), width)]
    return [
        int.from_bytes(blake2b(repr((place, row)).encode(), digest_size=7).digest(), "big")
        for place, row in enumerate(rows)
    ]


def likeness(one: list[int], other: list[int]) -> int:
    """Whole percent of what two sketches share; 0 where there is nothing to compare."""
    if not one or len(one) != len(other):
        return 0
    return round(100 * sum(a == b for a, b in zip(one, other, strict=True)) / len(one))


def _pieces(text: str) -> set[str]:
    plain = _BREAKS.sub("", unicodedata.normalize("NFKC", text).lower())
    if not plain:
        return set()
    return {plain[at : at + _PIECE] for at in range(max(1, len(plain) - _PIECE + 1))}


def _filled(slots: list[int]) -> list[int]:
    """Empty slots take their right neighbour's number, turned so that two texts fill them alike."""
    filled = list(slots)
    for at in range(SLOTS):
        step = 0
        while slots[(at + step) % SLOTS] == _EMPTY:
            step += 1
        filled[at] = (slots[(at + step) % SLOTS] + step * 0x9E3779B97F4A7) % (_EMPTY - 1)
    return filled


@cache
def _key() -> bytes:
    return bytes.fromhex(sealed_index("hotline.sketch"))
