"""Where on a page the fields of a form stand, and what stands there; knows no values, only places."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from yiwang.data.scans._lines import Line, Sign, box_of, lines, text_of
from yiwang.data.scans.contracts import ROWS_MAX, Box, Reading
from yiwang.data.scans.kinds import ScanFieldPart, ScanFormPack

_SILENT = " \u3000:：.·_"
_FUZZY_FROM = 4
_NEAR = 1.6


@dataclass(frozen=True, slots=True)
class Found:
    """What stands where a field's value should: nothing, where the label was not found or nothing is beside it."""

    text: str = ""
    sure: float = 0.0
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class _Spot:
    """A label in a line: signs from `since` up to `until`; `rank` is low where it is sure to be one."""

    rank: int
    line: int
    since: int
    until: int


Row = Mapping[str, Found]


def bears_mark(form: ScanFormPack, reading: Reading) -> bool:
    """Whether the page is this kind of paper, as far as its marks tell."""
    said = "".join(_compact(line)[0] for line in lines(reading))
    return not form.marks or any(_where(said, mark) is not None for mark in form.marks)


def rows(form: ScanFormPack, reading: Reading) -> list[Row]:
    """One row, or for a table one for each of its rows; what is not part of the table is in every row. At least one row."""
    page = lines(reading)
    once = {each.column: _single(form, each, page) for each in form.fields if not each.heading}
    headed = [each for each in form.fields if each.heading]
    listed = _table(headed, page) if headed else [{}]
    empty: Row = {each.column: Found() for each in headed}
    return [{each.column: {**once, **empty, **row}[each.column] for each in form.fields} for row in listed or [empty]]


def _single(form: ScanFormPack, part: ScanFieldPart, page: Sequence[Line]) -> Found:
    if part.region:
        return _found(part, [_inside(part.region, line) for line in page])
    spot = _spot(part.labels, page)
    if spot is None:
        return Found()
    if part.below:
        return _found(part, _under(part, spot, page))
    return _found(part, _beside(form, part, spot, page))


def _beside(form: ScanFormPack, part: ScanFieldPart, spot: _Spot, page: Sequence[Line]) -> list[Sequence[Sign]]:
    line = page[spot.line]
    end = _next_label(form, part, line, spot.until)
    first = line.signs[spot.until : end]
    edge = line.signs[spot.until - 1].right - line.height
    more: list[Sequence[Sign]] = []
    before = line
    for below in page[spot.line + 1 :]:
        is_near = below.top - before.bottom < _NEAR * before.height
        if len(more) + 1 >= part.lines or not is_near or below.left < edge:
            break
        if any(_begins(below, label) for label in _others(form, part)):
            break
        more.append(below.signs)
        before = below
    return [first, *more]


def _under(part: ScanFieldPart, spot: _Spot, page: Sequence[Line]) -> list[Sequence[Sign]]:
    head = page[spot.line].signs[spot.since : spot.until]
    left, right = head[0].left, head[-1].right
    found: list[Sequence[Sign]] = []
    for below in page[spot.line + 1 :]:
        words = [word for word in _words(below) if word[0].left < right and word[-1].right > left]
        if words:
            found.append([sign for word in words for sign in word])
        if len(found) >= part.lines:
            break
    return found


def _inside(region: tuple[float, float, float, float], line: Line) -> list[Sign]:
    left, top, right, bottom = region
    return [
        sign
        for sign in line.signs
        if left <= (sign.box[0] + sign.box[2]) / 2 <= right and top <= (sign.box[1] + sign.box[3]) / 2 <= bottom
    ]


def _table(headed: Sequence[ScanFieldPart], page: Sequence[Line]) -> list[Row]:
    """Rows below the line in which most headings stand; a word belongs to the heading that it stands under."""
    heads = max(
        ([_in_line(page, number, part) for part in headed] for number in range(len(page))), key=_count, default=[]
    )
    spots = [(part, spot) for part, spot in zip(headed, heads, strict=True) if spot] if heads else []
    if len(spots) < max(1, (len(headed) + 1) // 2):
        return []
    at = spots[0][1].line
    spans = {
        part.column: (page[at].signs[spot.since].left, page[at].signs[spot.until - 1].right) for part, spot in spots
    }
    found: list[dict[str, list[Sequence[Sign]]]] = []
    single = {part.column for part in headed if part.lines == 1}
    for line in page[at + 1 :]:
        cells = _cells(line, spans)
        if not found or cells.keys() & single:
            found.append({column: [signs] for column, signs in cells.items()})
        else:
            for column, signs in cells.items():
                found[-1].setdefault(column, []).append(signs)
    parts = {part.column: part for part in headed}
    return [{column: _found(parts[column], signs) for column, signs in row.items()} for row in found[:ROWS_MAX] if row]


def _count(spots: Sequence[_Spot | None]) -> int:
    return sum(spot is not None for spot in spots)


def _cells(line: Line, spans: Mapping[str, tuple[float, float]]) -> dict[str, list[Sign]]:
    cells: dict[str, list[Sign]] = {}
    for word in _words(line):
        left, right = word[0].left, word[-1].right

        def fit(column: str, left: float = left, right: float = right) -> tuple[float, float]:
            since, until = spans[column]
            return min(right, until) - max(left, since), -abs((left + right) / 2 - (since + until) / 2)

        cells.setdefault(max(spans, key=lambda column: (max(fit(column)[0], 0.0), fit(column)[1])), []).extend(word)
    return cells


def _words(line: Line) -> Iterator[list[Sign]]:
    word: list[Sign] = []
    for sign in line.signs:
        if sign.begins and word:
            yield word
            word = []
        word.append(sign)
    if word:
        yield word


def _found(part: ScanFieldPart, given: Sequence[Sequence[Sign]]) -> Found:
    signs = [sign for line in given for sign in line]
    while signs and signs[0].text in _SILENT:
        signs = signs[1:]
    said = text_of(signs)
    if part.like and (match := re.search(part.like, said)):
        said = match[1] if match.re.groups and match[1] is not None else match[0]
    if not said:
        return Found()
    return Found(said, min(sign.sure for sign in signs if sign.text.strip()), box_of(signs))


def _spot(labels: Sequence[str], page: Sequence[Line]) -> _Spot | None:
    """The best place of one of the labels: whole before misread, at the head of a word before inside one, then from the top."""
    spots = [spot for number in range(len(page)) for label in labels if (spot := _label(page, number, label))]
    return min(spots, key=lambda spot: (spot.rank, spot.line, spot.since), default=None)


def _in_line(page: Sequence[Line], number: int, part: ScanFieldPart) -> _Spot | None:
    spots = [spot for label in part.heading if (spot := _label(page, number, label))]
    return min(spots, key=lambda spot: (spot.rank, spot.since), default=None)


def _label(page: Sequence[Line], number: int, label: str) -> _Spot | None:
    said, places = _compact(page[number])
    hit = _where(said, label)
    if hit is None:
        return None
    at, is_exact = hit
    since, until = places[at], places[at + len(_bare(label)) - 1] + 1
    is_head = page[number].signs[since].begins
    return _Spot((0 if is_exact else 2) + (0 if is_head else 1), number, since, until)


def _begins(line: Line, label: str) -> bool:
    return _compact(line)[0].startswith(_bare(label))


def _next_label(form: ScanFormPack, part: ScanFieldPart, line: Line, since: int) -> int:
    """Where in a line another label begins; its end where none does."""
    said, places = _compact(line)
    ends = [len(line.signs)]
    for label in _others(form, part):
        at = said.find(_bare(label))
        while at >= 0:
            if places[at] >= since and _opens(line, places[at]):
                ends.append(places[at])
            at = said.find(_bare(label), at + 1)
    return min(ends)


def _others(form: ScanFormPack, part: ScanFieldPart) -> list[str]:
    """Labels at which a value ends."""
    return [*form.stops, *(label for each in form.fields if each is not part for label in each.labels)]


def _opens(line: Line, at: int) -> bool:
    """Whether a word begins here, or a gap is before it."""
    return line.signs[at].begins or line.signs[at - 1].text in _SILENT


def _bare(label: str) -> str:
    return "".join(sign for sign in label if sign not in _SILENT)


def _compact(line: Line) -> tuple[str, list[int]]:
    """A line without gaps and colons, and where each sign of it stands."""
    kept = [(sign.text, index) for index, sign in enumerate(line.signs) if sign.text not in _SILENT]
    return "".join(text for text, _ in kept), [index for _, index in kept]


def _where(said: str, label: str) -> tuple[int, bool] | None:
    """Where a label stands, and whether whole; a long one may have one sign misread."""
    bare = _bare(label)
    at = said.find(bare)
    if at >= 0:
        return at, True
    if len(bare) < _FUZZY_FROM:
        return None
    for at in range(len(said) - len(bare) + 1):
        if sum(one != other for one, other in zip(bare, said[at:], strict=False)) == 1:
            return at, False
    return None
