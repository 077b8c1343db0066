"""Lineage as SVG: tables from departments' files on the left to topics on the right, lines from column to column."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from html import escape
from unicodedata import east_asian_width

from yiwang.data.transform.contracts import Edge, Lineage, Spot

WIDTH, HEAD, ROW, ACROSS, ALONG, MARGIN = 230, 44, 22, 28, 90, 12
NAME_CELLS, COLUMN_CELLS, COLUMNS_MAX, TABLES_MAX = 26, 28, 30, 60
_INK, _PALE, _LINE, _HEAD, _OWN = "#1f2933", "#52606d", "#1456c8", "#f1f4f9", "#e7effc"


def drawn(found: Lineage, names: Mapping[str, str]) -> str:
    """`names` are what people call the tables. Empty where there is nothing to draw."""
    if not found.edges:
        return ""
    return _Picture(found, names).svg()


class _Picture:
    def __init__(self, found: Lineage, names: Mapping[str, str]) -> None:
        self.found, self.names = found, names
        self.ranks = ranks(found.edges)
        self.columns: dict[str, list[str]] = defaultdict(list)
        for spot in _spots(found.edges):
            if spot.table in self.ranks and spot.column not in ("", *self.columns[spot.table]):
                self.columns[spot.table].append(spot.column)
        self.at = self._places()

    def svg(self) -> str:
        width = MARGIN * 2 + (max(rank for rank in self.ranks.values()) + 1) * (WIDTH + ALONG) - ALONG
        height = max(top + self._height(table) for table, (_, top) in self.at.items()) + MARGIN
        said = f"{self._name(self.found.spot.table)}{f'的列{self.found.spot.column}' if self.found.spot.column else ''}的血缘"
        parts = [self._line(edge) for edge in self.found.edges] + [self._box(table) for table in self.at]
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="yw-picture-wide" role="img" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
            f'aria-labelledby="lineage-t lineage-d" font-family="PingFang SC, Microsoft YaHei, Noto Sans CJK SC, sans-serif" font-size="12">'
            f'<title id="lineage-t">{escape(said)}</title><desc id="lineage-d">从左到右是数据的去向；图下的表逐条写明。</desc>'
            f"{''.join(parts)}</svg>"
        )

    def _places(self) -> dict[str, tuple[int, int]]:
        tops: dict[int, int] = defaultdict(lambda: MARGIN)
        found = {}
        for table, rank in sorted(self.ranks.items(), key=lambda each: (each[1], each[0])):
            found[table] = (MARGIN + rank * (WIDTH + ALONG), tops[rank])
            tops[rank] += self._height(table) + ACROSS
        return found

    def _height(self, table: str) -> int:
        shown = min(len(self.columns[table]), COLUMNS_MAX)
        return HEAD + ROW * (shown + (len(self.columns[table]) > COLUMNS_MAX)) + 6

    def _name(self, table: str) -> str:
        return self.names.get(table, table)

    def _box(self, table: str) -> str:
        left, top = self.at[table]
        own = table == self.found.spot.table
        line = f'stroke="{_LINE if own else _PALE}" stroke-width="{2 if own else 1}"'
        parts = [
            f'<rect x="{left}" y="{top}" width="{WIDTH}" height="{self._height(table)}" rx="6" fill="#ffffff" {line}/>',
            f'<rect x="{left + 1}" y="{top + 1}" width="{WIDTH - 2}" height="{HEAD - 4}" rx="5" fill="{_OWN if own else _HEAD}"/>',
            _text(left + 10, top + 18, short(self._name(table), NAME_CELLS), _INK, size=14),
            _text(left + 10, top + 34, short(table, 36), _PALE, size=11),
        ]
        listed = self.columns[table]
        for number, column in enumerate(listed[:COLUMNS_MAX]):
            asked = Spot(table, column) == self.found.spot
            words = short(column, COLUMN_CELLS)
            parts.append(_text(left + 10, top + HEAD + number * ROW + 15, words, _LINE if asked else _INK, bold=asked))
        if len(listed) > COLUMNS_MAX:
            more = f"另有{len(listed) - COLUMNS_MAX}列"
            parts.append(_text(left + 10, top + HEAD + COLUMNS_MAX * ROW + 15, more, _PALE))
        return "".join(parts)

    def _line(self, edge: Edge) -> str:
        if edge.source.table not in self.at or edge.to.table not in self.at:
            return ""
        x, y = self._side(edge.source, WIDTH)
        to_x, to_y = self._side(edge.to, 0)
        bend = max((to_x - x) // 2, 30)
        style = (
            f'stroke="{_LINE}" stroke-width="1.2"'
            if edge.relation.is_direct
            else f'stroke="{_PALE}" stroke-dasharray="4 4"'
        )
        return f'<path d="M{x} {y}C{x + bend} {y} {to_x - bend} {to_y} {to_x} {to_y}" fill="none" {style}/>'

    def _side(self, spot: Spot, aside: int) -> tuple[int, int]:
        left, top = self.at[spot.table]
        if not spot.column:
            return left + aside, top + HEAD // 2
        return left + aside, top + HEAD + min(self.columns[spot.table].index(spot.column), COLUMNS_MAX) * ROW + 11


def ranks(edges: Iterable[Edge]) -> dict[str, int]:
    """How far from the first source each table stands; of very many, the first."""
    below: dict[str, set[str]] = defaultdict(set)
    for edge in edges:
        below[edge.to.table].add(edge.source.table)
        below.setdefault(edge.source.table, set())
    found = dict.fromkeys(list(below)[:TABLES_MAX], 0)
    for _ in range(len(found)):
        moved = False
        for table in found:
            rank = max((found[one] + 1 for one in below[table] if one in found and one != table), default=0)
            moved, found[table] = moved or rank != found[table], min(rank, len(below))
        if not moved:
            break
    for table in found:
        if not below[table]:
            # What has no source stands beside what reads it, so that no line runs under another table.
            found[table] = min((found[to] - 1 for to, of in below.items() if table in of and to in found), default=0)
    return found


def short(words: str, most: int) -> str:
    """As many signs as fit in so many cells."""
    used, kept = 0, ""
    for sign in words:
        used += 2 if east_asian_width(sign) in "WF" else 1
        if used > most:
            return f"{kept}…"
        kept += sign
    return kept


def _spots(edges: Iterable[Edge]) -> Iterable[Spot]:
    for edge in edges:
        yield from (edge.source, edge.to)


def _text(x: int, y: int, words: str, colour: str, *, size: int = 12, bold: bool = False) -> str:
    weight = ' font-weight="600"' if bold else ""
    return f'<text x="{x}" y="{y}" font-size="{size}" fill="{colour}"{weight}>{escape(words)}</text>'
