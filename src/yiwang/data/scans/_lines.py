"""Words of a picture as lines of a straight page, sign by sign, each with its place on the picture."""

import math
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from yiwang.data.scans.contracts import Box, Corner, Reading, Word

_SAME_LINE = 0.5
_LONG = 3.0


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign: where it stands on the straightened page (pixels), and on the picture (fractions)."""

    text: str
    sure: float
    left: float
    top: float
    right: float
    bottom: float
    box: Box
    begins: bool

    @property
    def height(self) -> float:
        return self.bottom - self.top


@dataclass(frozen=True, slots=True)
class Line:
    """Signs from left to right."""

    signs: tuple[Sign, ...]

    @property
    def top(self) -> float:
        return min(sign.top for sign in self.signs)

    @property
    def bottom(self) -> float:
        return max(sign.bottom for sign in self.signs)

    @property
    def left(self) -> float:
        return self.signs[0].left

    @property
    def height(self) -> float:
        return median(sign.height for sign in self.signs)


def lines(reading: Reading) -> list[Line]:
    """From the top down."""
    lean = _lean(reading.words)
    parts = [_signs(word, lean, reading) for word in reading.words if word.text.strip()]
    rows: list[list[tuple[Sign, ...]]] = []
    for part in sorted(parts, key=lambda signs: signs[0].top + signs[0].bottom):
        row = next((row for row in reversed(rows[-6:]) if _shares(row, part)), None)
        if row is None:
            rows.append([part])
        else:
            row.append(part)
    ordered = [sorted(row, key=lambda signs: signs[0].left) for row in rows]
    made = [Line(tuple(sign for part in row for sign in part)) for row in ordered]
    return sorted(made, key=lambda line: line.top)


def text_of(signs: Sequence[Sign]) -> str:
    """What signs say; a space parts words only where both sides are no Chinese."""
    said = ""
    for sign in signs:
        if sign.begins and said and _is_latin(said[-1]) and _is_latin(sign.text):
            said += " "
        said += sign.text
    return said.strip()


def box_of(signs: Iterable[Sign]) -> Box | None:
    boxes = [sign.box for sign in signs]
    if not boxes:
        return None
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return (min(lefts), min(tops), max(rights), max(bottoms))


def _is_latin(sign: str) -> bool:
    return sign.isalnum() and unicodedata.east_asian_width(sign) not in "WF"


def _lean(words: Sequence[Word]) -> float:
    """By how much the page is turned (radians), told by its long words."""
    angles = []
    for word in words:
        (x0, y0), (x1, y1), _, (x3, y3) = word.corners
        width, height = math.hypot(x1 - x0, y1 - y0), math.hypot(x3 - x0, y3 - y0)
        if width > _LONG * height:
            angles.append(math.atan2(y1 - y0, x1 - x0))
    return median(angles) if angles else 0.0


def _signs(word: Word, lean: float, reading: Reading) -> tuple[Sign, ...]:
    weights = [2.0 if unicodedata.east_asian_width(sign) in "WF" else 1.0 for sign in word.text]
    whole, at = sum(weights), 0.0
    made = []
    for index, (sign, weight) in enumerate(zip(word.text, weights, strict=True)):
        corners = _slice(word.corners, at / whole, (at + weight) / whole)
        at += weight
        sure = word.sure[index] if index < len(word.sure) else min(word.sure, default=0.0)
        made.append(_sign(sign, sure, corners, lean, reading, begins=index == 0))
    return tuple(made)


def _slice(corners: tuple[Corner, Corner, Corner, Corner], since: float, until: float) -> list[Corner]:
    top_left, top_right, bottom_right, bottom_left = corners
    return [
        _between(top_left, top_right, since), _between(top_left, top_right, until),
        _between(bottom_left, bottom_right, until), _between(bottom_left, bottom_right, since),
    ]  # fmt: skip


def _between(one: Corner, other: Corner, part: float) -> Corner:
    return one[0] + (other[0] - one[0]) * part, one[1] + (other[1] - one[1]) * part


def _sign(text: str, sure: float, corners: list[Corner], lean: float, reading: Reading, *, begins: bool) -> Sign:
    cos, sin = math.cos(-lean), math.sin(-lean)
    straight = [(x * cos - y * sin, x * sin + y * cos) for x, y in corners]
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    box = (
        max(0.0, min(xs) / reading.width), max(0.0, min(ys) / reading.height),
        min(1.0, max(xs) / reading.width), min(1.0, max(ys) / reading.height),
    )  # fmt: skip
    return Sign(
        text, sure, min(x for x, _ in straight), min(y for _, y in straight), max(x for x, _ in straight),
        max(y for _, y in straight), box, begins,
    )  # fmt: skip


def _shares(row: list[tuple[Sign, ...]], part: tuple[Sign, ...]) -> bool:
    """Whether a word stands in the line of the words nearest to it."""
    near = min(row, key=lambda other: abs(other[0].left - part[0].left))
    top, bottom = max(near[0].top, part[0].top), min(near[0].bottom, part[0].bottom)
    return bottom - top >= _SAME_LINE * min(near[0].height, part[0].height)
