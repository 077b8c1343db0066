"""Which messages are of one matter: near duplicates by the rare pieces they share, gathered into topics. Pure numbers, no text.

A message is its signature: its most telling pieces as keyed numbers. Two messages come into question when they share telling pieces and lie
close enough in time; then the cosine of all their pieces decides. A topic is a star: a message that many others are close to, and those
others. So nothing is chained from neighbour to neighbour until everything is one topic, and the same messages give the same topics.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from yiwang.services.hotline._grams import Floats, Ints

CLOSE, AS_CLOSE = 0.25, 0.35
"""Cosine from which two messages, and two gathered topics, are of one matter."""
LEADING, NEXT, SHARED_MIN = 16, 16, 2
"""Most telling pieces that bring two messages together, with how many later ones, sharing how many at least."""
_COMMON = 0.25
_SMOOTH = 3
"""Added to how often a piece was seen: a piece that stands in two messages only is more often chance than matter."""
_CELLS = 8_000_000
"""Numbers that are held at once to compare messages: 32 MB."""


@dataclass(frozen=True, slots=True)
class Signatures:
    """Messages by ascending time: `features[starts[r]:starts[r + 1]]` are the pieces of message `r`, no piece twice."""

    features: Ints
    starts: Ints
    seconds: Ints

    @classmethod
    def of(cls, signed: Sequence[Sequence[int]], seconds: Ints) -> "Signatures":
        features = np.fromiter((piece for one in signed for piece in one), dtype=np.int64)
        return cls(features, np.cumsum([0, *(len(one) for one in signed)]), seconds)

    def only(self, rows: Ints) -> "Signatures":
        """Some of the messages, by ascending time too."""
        lengths = np.diff(self.starts)[rows]
        starts = np.concatenate(([0], np.cumsum(lengths)))
        # Where each piece that stays stood: its place within its message, from where the message began.
        at = np.arange(starts[-1]) + np.repeat(self.starts[rows] - starts[:-1], lengths)
        return Signatures(self.features[at], starts, self.seconds[rows])

    def of_row(self, row: int) -> Ints:
        return self.features[self.starts[row] : self.starts[row + 1]]

    def __len__(self) -> int:
        return len(self.seconds)


@dataclass(frozen=True, slots=True)
class Pairs:
    """Messages that are close, `left` before `right`, with their cosine."""

    left: Ints
    right: Ints
    cosine: Floats


@dataclass(frozen=True, slots=True)
class Star:
    """One topic: its middle and all its messages (the middle among them), by time."""

    middle: int
    members: tuple[int, ...]


def stars(signatures: Signatures, *, within_seconds: int, close: float = CLOSE) -> list[Star]:
    """Topics of two messages or more, the largest first."""
    distinct, groups = _distinct(signatures, within_seconds)
    if not len(distinct.features):
        return []
    matrix = _Matrix.of(distinct)
    first = _gathered(len(distinct), close_pairs(matrix, distinct.seconds, within_seconds, close))
    alone = set(range(len(distinct))).difference(*(star.members for star in first))
    first += [Star(one, (one,)) for one in sorted(alone) if len(groups[one]) > 1 and len(distinct.of_row(one))]
    whole = [_spread(star, groups) for star in _merged(matrix, distinct, first, within_seconds, AS_CLOSE)]
    return sorted(whole, key=lambda star: (-len(star.members), star.middle))


def _distinct(signatures: Signatures, within: int) -> tuple[Signatures, list[list[int]]]:
    """The same signature once in a time, with everybody who has it: a thousand equal reports are one, and make no piece common."""
    rows: dict[tuple[bytes, int], list[int]] = {}
    for row, second in enumerate(signatures.seconds.tolist()):
        rows.setdefault((signatures.of_row(row).tobytes(), second // within), []).append(row)
    groups = list(rows.values())
    return signatures.only(np.array([group[0] for group in groups], dtype=np.int64)), groups


def _spread(star: Star, groups: Sequence[Sequence[int]]) -> Star:
    return Star(groups[star.middle][0], tuple(sorted(row for one in star.members for row in groups[one])))


@dataclass(frozen=True, slots=True)
class _Matrix:
    """Pieces as a dense table, the most telling first, padded with -1; weights of each message have length one."""

    piece: Ints
    weight: Floats
    seen: Ints

    @classmethod
    def of(cls, signatures: Signatures) -> "_Matrix":
        _, piece, seen = np.unique(signatures.features, return_inverse=True, return_counts=True)
        lengths = np.diff(signatures.starts)
        rows = np.repeat(np.arange(len(signatures)), lengths)
        place = np.arange(len(rows)) - signatures.starts[rows]
        rare = np.log((len(signatures) + _SMOOTH) / (seen + _SMOOTH - 1))
        # A signature names its most telling piece first; what was said first weighs twice as much as what was said last.
        force = rare[piece] / (1 + place / max(1, int(lengths.max(initial=1))))
        order = np.lexsort((piece, -force, rows))
        table = np.full((len(signatures), max(1, int(lengths.max(initial=0)))), -1, dtype=np.int64)
        weight = np.zeros(table.shape, dtype=np.float32)
        table[rows, place], weight[rows, place] = piece[order], force[order]
        weight /= np.maximum(np.sqrt((weight**2).sum(axis=1, keepdims=True)), 1e-9)
        return cls(table, weight, seen)

    def cosine(self, left: Ints, right: Ints) -> Floats:
        """Of pairs in the order of `left`. A few left messages at a time are laid out over all pieces; the right ones' are looked up there."""
        found = np.zeros(len(left), dtype=np.float32)
        lefts, begins = np.unique(left, return_index=True)
        ends = np.append(begins[1:], len(left))
        lines = max(1, _CELLS // (len(self.seen) + 1))
        # The last column is what padding points at; nothing weighs anything there.
        board = np.zeros((lines, len(self.seen) + 1), dtype=np.float32)
        for at in range(0, len(lefts), lines):
            these = lefts[at : at + lines]
            line = np.arange(len(these))
            pairs = slice(begins[at], ends[at + len(these) - 1])
            board[line[:, None], self.piece[these]] = self.weight[these]
            of_pair = np.repeat(line, ends[at : at + lines] - begins[at : at + lines])
            others = right[pairs]
            found[pairs] = np.einsum("ij,ij->i", board[of_pair[:, None], self.piece[others]], self.weight[others])
            board[line[:, None], self.piece[these]] = 0
        return found


def close_pairs(matrix: _Matrix, seconds: Ints, within: int, close: float) -> Pairs:
    """All pairs that share telling pieces within the time and are close."""
    count = len(seconds)
    telling = matrix.piece[:, :LEADING]
    row = np.broadcast_to(np.arange(count)[:, None], telling.shape)
    may = (telling >= 0) & (matrix.seen[telling] > 1) & (matrix.seen[telling] <= max(NEXT, _COMMON * count))
    piece, row = telling[may], row[may]
    # Rows ascend, and stay so within a piece.
    order = np.argsort(piece, kind="stable")
    piece, row = piece[order], row[order]
    keys: list[npt.NDArray[np.int64]] = []
    for ahead in range(1, NEXT + 1):
        same = (piece[ahead:] == piece[:-ahead]) & (seconds[row[ahead:]] - seconds[row[:-ahead]] <= within)
        keys.append(row[:-ahead][same] * count + row[ahead:][same])
    pairs = _often(np.concatenate(keys), SHARED_MIN)
    left, right = pairs // count, pairs % count
    cosine = matrix.cosine(left, right)
    near = cosine >= close
    return Pairs(left[near], right[near], cosine[near])


def _often(keys: Ints, times: int) -> Ints:
    """The numbers that stand there so many times at least, each once, ascending; `keys` is put in order on the way."""
    keys.sort()
    often: Ints = keys[times - 1 :][keys[times - 1 :] == keys[: len(keys) - times + 1]]
    once: Ints = often[np.diff(often, prepend=-1) != 0]
    return once


def _gathered(count: int, pairs: Pairs) -> list[Star]:
    """Stars over a graph: who has the most neighbours takes those that are still free."""
    ends = np.concatenate((pairs.left, pairs.right))
    others = np.concatenate((pairs.right, pairs.left))
    order = np.lexsort((others, ends))
    ends, others = ends[order], others[order]
    starts = np.searchsorted(ends, np.arange(count + 1))
    degree = np.diff(starts)
    free = np.ones(count, dtype=bool)
    found = []
    for middle in np.lexsort((np.arange(count), -degree)).tolist():
        if not degree[middle]:
            break
        if not free[middle]:
            continue
        near = others[starts[middle] : starts[middle + 1]]
        taken = np.sort(np.append(near[free[near]], middle))
        free[taken] = False
        if len(taken) > 1:
            found.append(Star(middle, tuple(taken.tolist())))
    return found


def _merged(matrix: _Matrix, signatures: Signatures, first: Sequence[Star], within: int, close: float) -> list[Star]:
    """Topics that say the same and whose times touch are one: a large one was gathered in pieces."""
    if not first:
        return []
    byage = sorted(first, key=lambda star: star.middle)
    pairs = close_pairs(_middles(matrix, byage), signatures.seconds[[star.middle for star in byage]], within, close)
    groups = _gathered(len(byage), pairs)
    alone = set(range(len(byage))).difference(*(group.members for group in groups))
    return [_united([byage[n] for n in group.members]) for group in groups] + [byage[n] for n in alone]


def _united(stars: Sequence[Star]) -> Star:
    largest = max(stars, key=lambda star: (len(star.members), -star.middle))
    return Star(largest.middle, tuple(sorted(one for star in stars for one in star.members)))


def _middles(matrix: _Matrix, stars: Sequence[Star]) -> _Matrix:
    """For each topic what its messages say together: the pieces with the most weight over all of them."""
    members = np.array([one for star in stars for one in star.members])
    owner = np.repeat(np.arange(len(stars)), [len(star.members) for star in stars])
    piece, weight = matrix.piece[members], matrix.weight[members]
    used = piece >= 0
    span = int(matrix.piece.max()) + 1
    keys, at = np.unique((owner[:, None] * span + piece)[used], return_inverse=True)
    sums = np.bincount(at, weight[used])
    rows, pieces = keys // span, keys % span
    order = np.lexsort((pieces, -sums, rows))
    rows, pieces, sums = rows[order], pieces[order], sums[order]
    place = np.arange(len(rows)) - np.searchsorted(rows, rows)
    kept = place < matrix.piece.shape[1]
    table = np.full((len(stars), matrix.piece.shape[1]), -1, dtype=np.int64)
    force = np.zeros(table.shape, dtype=np.float32)
    table[rows[kept], place[kept]], force[rows[kept], place[kept]] = pieces[kept], sums[kept]
    force /= np.maximum(np.sqrt((force**2).sum(axis=1, keepdims=True)), 1e-9)
    return _Matrix(table, force, np.bincount(pieces[kept], minlength=span))
