"""Lowers trees to SQL over read facts: whole numbers, booleans and texts only, so that every engine works out the same.

A decimal travels as a whole number with a known scale, a date as 20260924, and no number can outgrow 38 digits: what
might is refused when it is lowered, which `packs check` does.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from yiwang.kernel.base.contracts import PackInvalid
from yiwang.kernel.rules._dialects import Dialect
from yiwang.kernel.rules._tree import Node
from yiwang.kernel.rules._values import DIGITS, FactType

NARROW = 2**63 - 1
WIDE = 10**38 - 1
_COUNTED = {"len": 10**9, "years_between": 10**4, "days_between": 10**7}


class CannotLower(PackInvalid):
    """An expression that Python can work out and a column engine cannot."""

    code = "rules.cannot-lower"


@dataclass(frozen=True, slots=True)
class Cell:
    """A value's SQL; for a number, its scale and the most it can be (before the point is set); `level` of the names in it."""

    sql: str
    most: int = 0
    scale: int = 0
    level: int = 0


class Lowering:
    """Lowers trees for one engine; `columns[fact]` is its read value (a date's: `…`, and `…_day` for days).

    What is used more than once gets a name, worked out one level before it is used: the text stays as short as the tree.
    """

    def __init__(self, dialect: Dialect, columns: Mapping[str, str], types: Mapping[str, FactType]) -> None:
        self.dialect = dialect
        self.used: dict[str, set[str]] = {}
        self.levels: list[dict[str, str]] = []
        self._columns = columns
        self._types = types
        self._cells: dict[tuple[Node, str], Cell] = {}
        self._often: set[Node] = set()
        self._bound: dict[str, Cell] = {}

    def bind(self, sums: Mapping[str, Cell]) -> None:
        """Facts that are aggregates: with the scale of what they aggregate, and what a billion children can make of it."""
        self._bound = {
            name: Cell(self._columns[name], self.bounded(cell.most * 10**9), cell.scale) for name, cell in sums.items()
        }

    def expect(self, trees: Sequence[Node]) -> None:
        """Learn which parts the trees have in common."""
        parts = Counter(part for tree in trees for part in tree.walk() if part.args)
        self._often = {part for part, count in parts.items() if count > 1}

    def cell(self, node: Node, form: str = "") -> Cell:
        """The SQL of a part; a date's form is "" (20260924) or "_day" (days since 1970)."""
        found = self._cells.get((node, form))
        if found is None:
            found = _LOWERINGS.get(node.op, _comparison)(self, node, form)
            found = self._cells[node, form] = self.named(found) if node in self._often else found
        return found

    def named(self, cell: Cell) -> Cell:
        """The value under a name, where it is more than a name already."""
        if cell.sql.isidentifier() or cell.sql.isdigit():
            return cell
        while len(self.levels) <= cell.level:
            self.levels.append({})
        names = self.levels[cell.level]
        name = names.setdefault(cell.sql, f"t{cell.level}_{len(names)}")
        return Cell(name, cell.most, cell.scale, cell.level + 1)

    def number(self, node: Node, scale: int) -> Cell:
        """A number brought to a scale."""
        cell = self.cell(node)
        if cell.scale == scale:
            return cell
        shift = 10 ** (scale - cell.scale)
        most = self.bounded(cell.most * shift)
        if node.op == "literal" and isinstance(node.value, int | Decimal):
            return Cell(self.whole(int(Decimal(node.value).scaleb(scale))), most, scale)
        return Cell(f"({self.fitted(cell, most)} * {self.whole(shift)})", most, scale, cell.level)

    def numbers(self, nodes: Sequence[Node]) -> list[Cell]:
        """Values that stand beside one another; numbers are brought to one scale."""
        if not any(node.type in ("integer", "decimal") for node in nodes):
            return [self.cell(node) for node in nodes]
        scale = max(self.cell(node).scale for node in nodes)
        return [self.number(node, scale) for node in nodes]

    def reads_days(self, nodes: Sequence[Node]) -> bool:
        """Whether all are dates as they stand in columns or texts: those compare by day numbers, which engines have at hand."""
        plain = all(node.type == "date" and node.op in ("fact", "literal") for node in nodes)
        return plain and not self._bound

    def bounded(self, most: int) -> int:
        if most > WIDE:
            raise CannotLower("条件里的数可能超过38位。", hint="请减少相乘的项，或给事实写较少的小数位。")
        return most

    def fitted(self, cell: Cell, most: int) -> str:
        """The operand of an operation whose result can be `most`: widened first where that is more than 18 digits."""
        return f"CAST({cell.sql} AS {self.dialect.wide})" if most > NARROW else cell.sql

    def whole(self, value: int) -> str:
        """A whole number, typed: engines take a bare one for 32 bits and overflow when it is multiplied."""
        if abs(value) > NARROW:
            return f"CAST('{value}' AS {self.dialect.wide})"
        return f"CAST({value} AS {self.dialect.integer})"

    def bit(self, place: int | None, of: int) -> str:
        """A bit of a mask of so many, in the smallest type that holds them; without a place, none."""
        kind = self.dialect.small if of < 8 else "INTEGER" if of < 32 else "BIGINT"
        return f"CAST({0 if place is None else 1 << place} AS {kind})"

    def type_of(self, cell: Cell, kind: str) -> str:
        """The column type of a value."""
        if kind in ("integer", "decimal"):
            return self.dialect.wide if cell.most > NARROW else self.dialect.integer
        return {"bool": self.dialect.boolean, "date": self.dialect.integer}.get(kind, self.dialect.text)

    def fact(self, node: Node, form: str) -> Cell:
        name = str(node.value)
        if name in self._bound and form:
            raise CannotLower("派生事实里算不出日期之间的年数和天数。", hint="请在规则里算。")
        if name in self._bound:
            return self._bound[name]
        self.used.setdefault(name, set()).add(form)
        kind = self._types[name]
        numeric = kind.type in ("integer", "decimal")
        return Cell(self._columns[name] + form, 10**DIGITS - 1 if numeric else 0, kind.places if numeric else 0)


def _literal(low: Lowering, node: Node, form: str) -> Cell:
    value = node.value
    if isinstance(value, bool):
        return Cell("TRUE" if value else "FALSE")
    if isinstance(value, Decimal):
        scale = max(0, -int(value.normalize().as_tuple().exponent))
        unscaled = int(value.scaleb(scale))
        return Cell(low.whole(unscaled), abs(unscaled), scale)
    if isinstance(value, int):
        return Cell(low.whole(value), abs(value))
    if isinstance(value, date):
        return Cell(str(date_number(value, form)))
    if value is None:
        return Cell("NULL")
    return Cell(low.dialect.text_of(value))


def date_number(day: date, form: str) -> int:
    if form == "_day":
        return (day - date(1970, 1, 1)).days
    number = day.year * 10000 + day.month * 100 + day.day
    is_leap = day.year % 4 == 0 and (day.year % 100 != 0 or day.year % 400 == 0)
    return number + 1 if form == "_end" and (day.month, day.day) == (2, 28) and not is_leap else number


def _level(*cells: Cell) -> int:
    return max(cell.level for cell in cells)


def _logic(low: Lowering, node: Node, form: str) -> Cell:
    cells = [low.cell(arg) for arg in node.args]
    return Cell("(" + f" {node.op.upper()} ".join(cell.sql for cell in cells) + ")", level=_level(*cells))


def _not(low: Lowering, node: Node, form: str) -> Cell:
    cell = low.cell(node.args[0])
    return Cell(f"(NOT {cell.sql})", level=cell.level)


def _comparison(low: Lowering, node: Node, form: str) -> Cell:
    if low.reads_days(node.args):
        left, right = (low.cell(arg, "_day") for arg in node.args)
    else:
        left, right = low.numbers(node.args)
    return Cell(f"({left.sql} {node.op} {right.sql})", level=_level(left, right))


def _in(low: Lowering, node: Node, form: str) -> Cell:
    value, *listed = low.numbers(node.args)
    return Cell(f"({value.sql} IN ({', '.join(item.sql for item in listed)}))", level=value.level)


def _sum(low: Lowering, node: Node, form: str) -> Cell:
    left, right = low.numbers(node.args)
    most = low.bounded(left.most + right.most)
    text = f"({low.fitted(left, most)} {node.op} {low.fitted(right, most)})"
    return Cell(text, most, left.scale, _level(left, right))


def _product(low: Lowering, node: Node, form: str) -> Cell:
    left, right = (low.cell(arg) for arg in node.args)
    most = low.bounded(left.most * right.most)
    text = f"({low.fitted(left, most)} * {low.fitted(right, most)})"
    return Cell(text, most, left.scale + right.scale, _level(left, right))


def _negative(low: Lowering, node: Node, form: str) -> Cell:
    cell = low.cell(node.args[0])
    return Cell(f"(-{cell.sql})", cell.most, cell.scale, cell.level)


def _division(low: Lowering, node: Node, form: str) -> Cell:
    """The size of a over that of b in whole numbers, rounded as said, with the sign set afterwards; nothing when b is 0."""
    top, bottom = low.named(low.cell(node.args[0])), low.named(low.cell(node.args[1]))
    places, rounding = int(str(node.args[2].value)), str(node.args[3].value)
    shift = places + bottom.scale - top.scale
    up, down = 10 ** max(shift, 0), 10 ** max(-shift, 0)
    most, widest = top.most * up + 1, low.bounded(2 * top.most * up + 2 * bottom.most * down)
    if low.dialect.name == "spark" and most > NARROW:
        raise CannotLower("Spark 的整除结果至多18位。", hint="请给事实写较少的小数位，或先缩小被除数。")
    if node.args[1].op == "literal" and bottom.most and Decimal(str(node.args[1].value)) > 0:
        return Cell(_quotient(low, top, up, bottom.most * down, rounding), most, places, top.level)
    n, d = _sized(low, top, up, widest), _sized(low, bottom, down, widest, nothing_for_zero=True)
    if rounding == "half-up":
        quotient = low.dialect.quotient(f"({n.sql} * 2 + {d.sql})", f"({d.sql} * 2)")
    else:
        quotient = low.dialect.quotient(n.sql if rounding == "down" else f"({n.sql} + {d.sql} - 1)", d.sql)
    whole = low.named(Cell(quotient, most, places, _level(n, d)))
    text = f"(CASE WHEN ({top.sql} < 0) = ({bottom.sql} < 0) THEN {whole.sql} ELSE -{whole.sql} END)"
    return Cell(text, most, places, _level(whole, top, bottom))


def _quotient(low: Lowering, top: Cell, times: int, divisor: int, rounding: str) -> str:
    """By a known number above 0: engines leave the fraction off, so as much is added to the size as makes them round."""
    more = {"half-up": divisor // 2, "up": divisor - 1, "down": 0}[rounding]
    widest = top.most * times + divisor
    number = low.fitted(top, widest)
    number = f"({number} * {low.whole(times)})" if times > 1 else number
    if more:
        number = f"({number} + CASE WHEN {top.sql} < 0 THEN {low.whole(-more)} ELSE {low.whole(more)} END)"
    whole = f"CAST({divisor} AS {low.dialect.wide})" if widest > NARROW else low.whole(divisor)
    return low.dialect.quotient(number, whole) if divisor > 1 else number


def _sized(low: Lowering, cell: Cell, times: int, widest: int, *, nothing_for_zero: bool = False) -> Cell:
    """The size of a number, so many times over."""
    text = low.fitted(cell, widest)
    rest = f"WHEN {cell.sql} > 0 THEN {text}" if nothing_for_zero else f"ELSE {text}"
    size = f"CASE WHEN {cell.sql} < 0 THEN -{text} {rest} END"
    return low.named(Cell(f"(({size}) * {low.whole(times)})", level=cell.level))


def _is_null(low: Lowering, node: Node, form: str) -> Cell:
    cell = low.cell(node.args[0])
    return Cell(f"({cell.sql} IS NULL)", level=cell.level)


def _coalesce(low: Lowering, node: Node, form: str) -> Cell:
    cells = [low.cell(arg, form) for arg in node.args] if form else low.numbers(node.args)
    most = max(cell.most for cell in cells)
    text = f"coalesce({', '.join(low.fitted(cell, most) for cell in cells)})"
    return Cell(text, most, cells[0].scale, _level(*cells))


def _case(low: Lowering, node: Node, form: str) -> Cell:
    *pairs, otherwise = node.args
    results = [*pairs[1::2], otherwise]
    cells = [low.cell(arg, form) for arg in results] if form else low.numbers(results)
    most = max(cell.most for cell in cells)
    tests = [low.cell(test) for test in pairs[0::2]]
    branches = [f"WHEN {test.sql} THEN {low.fitted(c, most)}" for test, c in zip(tests, cells[:-1], strict=True)]
    cell = Cell(f"CASE {' '.join(branches)} ELSE {low.fitted(cells[-1], most)} END", most, cells[0].scale)
    return replace(cell, sql=f"CAST({cell.sql} AS {low.type_of(cell, node.type)})", level=_level(*cells, *tests))


def _extreme(low: Lowering, node: Node, form: str) -> Cell:
    """Two by two; by their plain form, where dates are taken in another."""
    cells = [low.cell(arg, form) for arg in node.args] if form else low.numbers(node.args)
    plain = low.numbers(node.args) if form else cells
    sign = "<=" if node.op == "least" else ">="
    chosen, by = cells[0], low.named(plain[0])
    for cell, key in zip(cells[1:], plain[1:], strict=True):
        key = low.named(key)
        first = low.named(Cell(f"({by.sql} {sign} {key.sql})", level=_level(by, key)))
        chosen, by = _chosen(low, first, chosen, cell), low.named(_chosen(low, first, by, key))
    return chosen


def _chosen(low: Lowering, first: Cell, a: Cell, b: Cell) -> Cell:
    most = max(a.most, b.most)
    text = f"(CASE WHEN {first.sql} THEN {low.fitted(a, most)} WHEN NOT {first.sql} THEN {low.fitted(b, most)} END)"
    return Cell(text, most, a.scale, _level(first, a, b))


def _length(low: Lowering, node: Node, form: str) -> Cell:
    cell = low.cell(node.args[0])
    return Cell(low.dialect.length(cell.sql), _COUNTED["len"], 0, cell.level)


def _years(low: Lowering, node: Node, form: str) -> Cell:
    """Whole years are the difference of numbers like 20260924, where the last of February counts as the 29th."""
    a, b = (low.named(low.cell(day)) for day in node.args)
    a_end, b_end = (_end(low, day, cell) for day, cell in zip(node.args, (a, b), strict=True))
    forth = low.dialect.quotient(f"({b_end} - {a.sql})", "10000")
    back = low.dialect.quotient(f"({a_end} - {b.sql})", "10000")
    text = f"(CASE WHEN {a.sql} <= {b.sql} THEN {forth} ELSE -{back} END)"
    return Cell(text, _COUNTED["years_between"], 0, _level(a, b))


def _end(low: Lowering, node: Node, day: Cell) -> str:
    """A day's number, the last of February as the 29th; worked out only where a CASE asks for it."""
    if isinstance(node.value, date):
        return str(date_number(node.value, "_end"))
    year = low.dialect.quotient(day.sql, "10000")
    is_leap = f"({year} % 4 = 0 AND ({year} % 100 <> 0 OR {year} % 400 = 0))"
    return f"({day.sql} + CASE WHEN {day.sql} % 10000 = 228 AND NOT {is_leap} THEN 1 ELSE 0 END)"


def _days(low: Lowering, node: Node, form: str) -> Cell:
    a, b = (low.cell(day, "_day") for day in node.args)
    return Cell(f"({b.sql} - {a.sql})", _COUNTED["days_between"], 0, _level(a, b))


_LOWERINGS: dict[str, Callable[[Lowering, Node, str], Cell]] = {
    "literal": _literal, "fact": Lowering.fact, "and": _logic, "or": _logic, "in": _in, "+": _sum, "-": _sum, "*": _product,
    "not": _not, "neg": _negative, "div": _division,
    "is-null": _is_null, "coalesce": _coalesce, "case": _case, "least": _extreme, "greatest": _extreme,
    "len": _length, "years_between": _years, "days_between": _days,
}  # fmt: skip
