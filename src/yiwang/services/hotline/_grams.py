"""Texts as numbers: overlapping two-sign pieces, many texts at once; no word list is needed.

Chinese has no spaces, and a list of words knows neither new estates nor new troubles. Pieces of two signs carry both, and
are cut a hundred times faster (docs/decisions/0105).
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]

_PLANE = 0x10000
"""Signs beyond the basic plane are read as a break."""
_MIX = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class Grams:
    """Pieces of several texts, in order of appearance: `piece[i]` begins at sign `position[i]` of text `row[i]`."""

    row: Ints
    piece: npt.NDArray[np.uint64]
    position: Ints
    rows: int


@dataclass(frozen=True, slots=True)
class Counted:
    """Each text's distinct features with how often they stand in it, texts in order; text `r` has `starts[r]:starts[r + 1]`."""

    feature: Ints
    count: Floats
    starts: Ints


def pairs(texts: Sequence[str]) -> Grams:
    """The overlapping pieces of two signs."""
    signs, row, position = _signs(texts)
    both = (signs[:-1] > 0) & (signs[1:] > 0)
    piece = (signs[:-1][both] << np.uint64(16)) | signs[1:][both]
    return Grams(row[:-1][both], piece, position[:-1][both], len(texts))


def folded(pieces: npt.NDArray[np.uint64], bits: int, key: int = 0) -> Ints:
    """Pieces as numbers below 2**bits: well mixed, and by `key` different in every place."""
    # Two rounds of a 64-bit mixer; wrapping round is meant.
    mixed = (pieces ^ np.uint64(key & 0xFFFFFFFFFFFFFFFF)) * _MIX
    mixed ^= mixed >> np.uint64(29)
    mixed *= _MIX
    return (mixed >> np.uint64(64 - bits)).astype(np.int64)


def counted(row: Ints, feature: Ints, rows: int, bits: int) -> Counted:
    """Distinct features of each text. `feature` is below 2**bits."""
    keys, counts = np.unique((row << bits) | feature, return_counts=True)
    starts = np.searchsorted(keys, np.arange(rows + 1, dtype=np.int64) << bits)
    return Counted(keys & ((1 << bits) - 1), counts.astype(np.float32), starts)


def _signs(texts: Sequence[str]) -> tuple[npt.NDArray[np.uint64], Ints, Ints]:
    """Every sign of every text, 0 for what separates; which text it stands in, and where."""
    joined = "\0".join(texts) + "\0"
    codes = np.frombuffer(joined.encode("utf-32-le", "replace"), dtype=np.uint32)
    signs = np.where(codes < _PLANE, _table()[codes & 0xFFFF], 0).astype(np.uint64)
    lengths = np.fromiter((len(text) + 1 for text in texts), dtype=np.int64, count=len(texts))
    row = np.repeat(np.arange(len(texts), dtype=np.int64), lengths)
    begins = np.concatenate(([0], np.cumsum(lengths)[:-1]))
    return signs, row, np.arange(len(codes), dtype=np.int64) - begins[row]


@cache
def _table() -> npt.NDArray[np.uint32]:
    """For every sign of the basic plane its plain small form, 0 where it is no letter or digit."""
    table = np.zeros(_PLANE, dtype=np.uint32)
    for code in range(_PLANE):
        plain = unicodedata.normalize("NFKC", chr(code)).lower()
        if len(plain) == 1 and plain.isalnum() and ord(plain) < _PLANE:
            table[code] = ord(plain)
    return table
