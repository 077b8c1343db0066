"""A message as its signature: the numbers of its most telling pieces, keyed, so that they say nothing without the installation's key."""

from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

from yiwang.kernel.base.sealing import sealed_index
from yiwang.services.hotline import _grams
from yiwang.services.hotline._grams import Ints

BITS = 31
PIECES = 24
"""How many pieces a signature has."""
_OFTEN = 50
_OPENING = 32
"""People say first what it is about and where: pieces of the first signs count twice."""


def signatures(texts: Sequence[str], seen: "Seen", *, key: int | None = None) -> list[list[int]]:
    """For each text its most telling pieces, the most telling first. `seen` says how common a piece is."""
    pairs = _grams.pairs(texts)
    piece = _grams.folded(pairs.piece, BITS, _key() if key is None else key)
    counted = _grams.counted(pairs.row, piece, pairs.rows, BITS)
    rows = np.repeat(np.arange(pairs.rows), np.diff(counted.starts))
    opens = pairs.position < _OPENING
    opening = np.unique((pairs.row[opens] << BITS) | piece[opens])
    doubled = np.isin((rows << BITS) | counted.feature, opening, assume_unique=True)
    force = (1 + np.log(counted.count)) * seen.rarity(counted.feature) * np.where(doubled, 2.0, 1.0)
    order = np.lexsort((counted.feature, -force, rows))
    found = counted.feature[order]
    ends = np.minimum(counted.starts[1:], counted.starts[:-1] + PIECES)
    return [found[begin:end].tolist() for begin, end in zip(counted.starts[:-1].tolist(), ends.tolist(), strict=True)]


class Seen:
    """In how many of so many messages each piece stood."""

    def __init__(self, pieces: Ints, counts: Ints, total: int) -> None:
        order = np.argsort(pieces)
        self.pieces, self.counts, self.total = pieces[order], counts[order], total

    @classmethod
    def nothing(cls) -> "Seen":
        return cls(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), 0)

    @classmethod
    def of(cls, texts: Sequence[str], *, key: int | None = None) -> "Seen":
        pairs = _grams.pairs(texts)
        piece = _grams.folded(pairs.piece, BITS, _key() if key is None else key)
        counted = _grams.counted(pairs.row, piece, pairs.rows, BITS)
        pieces, counts = np.unique(counted.feature, return_counts=True)
        return cls(pieces, counts, len(texts))

    def rarities(self, words: Sequence[str], inside: Sequence[int]) -> list[float]:
        """How rare each word's pieces are on the average: 0 for what many say, in a large place one in fifty; so many messages `inside` are not counted."""
        pairs = _grams.pairs(words)
        pieces = _grams.folded(pairs.piece, BITS, _key())
        each = np.bincount(pairs.row, minlength=len(words))
        if not len(self.pieces) or not len(pieces):
            return [1.0] * len(words)
        at = np.minimum(np.searchsorted(self.pieces, pieces), len(self.pieces) - 1)
        seen = np.where(self.pieces[at] == pieces, self.counts[at], 0) - np.asarray(inside)[pairs.row]
        rare = np.log((self.total + 3) / (np.maximum(seen, 0) + 2))
        mean = np.bincount(pairs.row, rare, minlength=len(words)) / np.maximum(each, 1)
        usual = np.log(min(_OFTEN, np.cbrt(self.total + 3)))
        return [float(one) for one in np.where(each, np.maximum(mean - usual, 0), 1.0)]

    def rarity(self, pieces: Ints) -> npt.NDArray[np.float64]:
        """Logarithm of how rare; nothing of a piece never seen, which is more often a slip than a place: half of the rarest."""
        at = np.minimum(np.searchsorted(self.pieces, pieces), max(len(self.pieces) - 1, 0))
        if not len(self.pieces):
            return np.ones(len(pieces))
        known = self.pieces[at] == pieces
        seen = np.where(known, self.counts[at], 1)
        rare = np.log((self.total + 3) / (seen + 2))
        return np.where(known & (seen > 1), rare, rare / 2)


@cache
def _key() -> int:
    return int(sealed_index("hotline.signature")[:16], 16)
