"""Which messages are of one matter: near duplicates by the rare pieces they share, gathered into topics. Pure numbers, no text.

A message is its signature: its most telling pieces as keyed numbers. Two messages come into question when they share telling pieces and lie
close enough in time; then the cosine of all their pieces decides. A topic is a star: a message that many others are close to, and those
others. So nothing is chained from neighbour to neighbour until everything is one topic, and the same messages give the same topics.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

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
_CELLS, _LINES_MIN = 500_000, 16
"""Numbers that are held at once to compare messages: 2 MB, which a core keeps near; more where pieces are many."""
_LINES = 8_192
"""Messages whose neighbours are looked for at once: 8 MB."""


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
    whole, width = signatures.features.tobytes(), signatures.features.itemsize
    ends = (signatures.starts * width).tolist()
    for row, time in enumerate((signatures.seconds // within).tolist()):
        rows.setdefault((whole[ends[row] : ends[row + 1]], time), []).append(row)
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
        different, piece = _placed(signatures.features)
        seen = np.bincount(piece, minlength=len(different))
        lengths = np.diff(signatures.starts)
        rows = np.repeat(np.arange(len(signatures)), lengths)
        place = np.arange(len(rows)) - signatures.starts[rows]
        rare = np.log((len(signatures) + _SMOOTH) / (seen + _SMOOTH - 1))
        # A signature names its most telling piece first; what was said first weighs twice as much as what was said last.
        force = rare[piece] / (1 + place / max(1, int(lengths.max(initial=1))))
        table = np.full((len(signatures), max(1, int(lengths.max(initial=0)))), -1, dtype=np.int64)
        weight = np.zeros(table.shape)
        table[rows, place], weight[rows, place] = piece, force
        # Message by message by number, then the most telling first: padding weighs nothing and stays behind.
        table, weight = _ordered(table, weight, table)
        table, weight = _ordered(table, weight, -weight)
        return cls(table, _of_length_one(weight), seen)

    def cosine(self, left: Ints, right: Ints) -> Floats:
        """Of pairs in the order of `left`. A few left messages at a time are laid out over all pieces; the right ones' are looked up there."""
        found = np.zeros(len(left), dtype=np.float32)
        lefts, begins = np.unique(left, return_index=True)
        ends = np.append(begins[1:], len(left))
        width = len(self.seen) + 1
        lines = max(_LINES_MIN, _CELLS // width)
        # The last column is what padding points at; nothing weighs anything there.
        board = np.zeros(lines * width, dtype=np.float32)
        piece = np.where(self.piece < 0, width - 1, self.piece)
        for at in range(0, len(lefts), lines):
            these = lefts[at : at + lines]
            begin_of = np.arange(len(these)) * width
            cells = begin_of[:, None] + piece[these]
            board[cells] = self.weight[these]
            pairs = slice(begins[at], ends[at + len(these) - 1])
            of_pair = np.repeat(begin_of, ends[at : at + lines] - begins[at : at + lines])
            others = right[pairs]
            same = board.take(of_pair[:, None] + piece[others], mode="clip")
            found[pairs] = np.einsum("ij,ij->i", same, self.weight[others])
            board[cells] = 0
        return found


def close_pairs(matrix: _Matrix, seconds: Ints, within: int, close: float) -> Pairs:
    """All pairs that share telling pieces within the time and are close."""
    lefts, rights = [], []
    ahead, telling = _ahead(matrix, seconds, within)
    for at in range(0, len(seconds), _LINES):
        near = ahead[telling[at : at + _LINES]].reshape(len(telling[at : at + _LINES]), -1)
        left, right = _often(near, SHARED_MIN)
        lefts.append(left + at)
        rights.append(right)
    left, right = np.concatenate(lefts), np.concatenate(rights)
    cosine = matrix.cosine(left, right)
    enough = cosine >= close
    return Pairs(left[enough], right[enough], cosine[enough])


def _ahead(matrix: _Matrix, seconds: Ints, within: int) -> tuple[npt.NDArray[np.int32], Ints]:
    """For each telling piece of a message the next messages that have it (-1 where there are no more), and for each message the lines of its pieces."""
    count = len(seconds)
    telling = matrix.piece[:, :LEADING]
    may = (telling >= 0) & (matrix.seen[telling] > 1) & (matrix.seen[telling] <= max(NEXT, _COMMON * count))
    rows, places = np.nonzero(may)
    # By piece, then by message: one number of all three sorts faster than any order of them.
    keys = np.sort((telling[may] * count + rows) * LEADING + places)
    places, keys = keys % LEADING, keys // LEADING
    piece, rows = keys // count, (keys % count).astype(np.int32)
    ahead = np.full((len(rows) + 1, NEXT), -1, dtype=np.int32)
    for n in range(1, NEXT + 1):
        same = (piece[n:] == piece[:-n]) & (seconds[rows[n:]] - seconds[rows[:-n]] <= within)
        ahead[: max(0, len(rows) - n), n - 1][same] = rows[n:][same]
    lines: Ints = np.full(telling.shape, len(rows), dtype=np.int64)
    lines[rows, places] = np.arange(len(rows))
    return ahead, lines


def _often(table: npt.NDArray[np.int32], times: int) -> tuple[Ints, Ints]:
    """The numbers from 0 on that stand so many times at least in a row of the table: which row, which number, ascending."""
    table.sort(axis=1)
    first = table[:, : table.shape[1] - times + 1]
    often = (first == table[:, times - 1 :]) & (first >= 0)
    often[:, 1:] &= first[:, 1:] != first[:, :-1]
    row, at = np.nonzero(often)
    return row, first[row, at].astype(np.int64)


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
        taken = near[free[near]]
        free[middle] = free[taken] = False
        if len(taken):
            found.append(Star(middle, tuple(sorted((middle, *taken.tolist())))))
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
    keys, at = _placed((owner[:, None] * span + piece)[used])
    sums = np.bincount(at, weight[used])
    rows, pieces = keys // span, keys % span
    order = np.lexsort((pieces, -sums, rows))
    rows, pieces, sums = rows[order], pieces[order], sums[order]
    place = np.arange(len(rows)) - np.searchsorted(rows, rows)
    kept = place < matrix.piece.shape[1]
    table = np.full((len(stars), matrix.piece.shape[1]), -1, dtype=np.int64)
    force = np.zeros(table.shape, dtype=np.float32)
    table[rows[kept], place[kept]], force[rows[kept], place[kept]] = pieces[kept], sums[kept]
    return _Matrix(table, _of_length_one(force), np.bincount(pieces[kept], minlength=span))


def _placed(numbers: Ints) -> tuple[Ints, Ints]:
    """The different ones, ascending, and where each of the numbers stands among them."""
    ordered = np.sort(numbers)  # np.unique goes by hashes, which takes longer than sorting
    different = ordered[np.diff(ordered, prepend=-1) > 0]
    return different, np.searchsorted(different, numbers)


def _ordered(table: Ints, weight: npt.NDArray[np.float64], by: npt.NDArray[Any]) -> tuple[Ints, Any]:
    order = np.argsort(by, axis=1, kind="stable")
    return np.take_along_axis(table, order, 1), np.take_along_axis(weight, order, 1)


def _of_length_one(weight: npt.NDArray[np.floating[Any]]) -> Floats:
    small = weight.astype(np.float32)
    small /= np.maximum(np.sqrt((small**2).sum(axis=1, keepdims=True)), 1e-9)
    return small
