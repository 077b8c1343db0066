"""Lowers trees to SQL over read facts: whole numbers, booleans and texts only, so that every engine works out the same.

A decimal travels as a whole number with a known scale, a date as 20260924, and no number can outgrow 38 digits: what
might is refused when it is lowered, which `packs check` does.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from yiwang.kernel.base.contracts import PackInvalid
from yiwang.kernel.rules._dialects import Dialect
from yiwang.kernel.rules._tree import Node
from yiwang.kernel.rules._values import DIGITS, FactType

NARROW = 2**63 - 1
WIDE = 10**38 - 1
_COUNTED = {"len": 10**9, "years_between": 10**4, "days_between": 10**7}
_PLAIN = ("=", "<>", "<", "<=", ">", ">=")


class CannotLower(PackInvalid):
    """An expression that Python can work out and a column engine cannot."""

    code = "rules.cannot-lower"


@dataclass(frozen=True, slots=True)
class Cell:
    """A value's SQL; for a number, its scale and the most it can be (before the point is set)."""

    sql: str
    most: int = 0
    scale: int = 0


class Lowering:
    """Lowers trees for one engine; `columns[fact]` is its read value (a date's: `…`, `…_end` for years, `…_day` for days)."""

    def __init__(self, dialect: Dialect, columns: Mapping[str, str], types: Mapping[str, FactType]) -> None:
        self.dialect = dialect
        self.used: dict[str, set[str]] = {}
        self._columns = columns
        self._types = types
        self._shared: dict[tuple[Node, str], Cell] = {}

    def share(self, node: Node, cell: Cell) -> None:
        """From now on this part is read from `cell`."""
        self._shared[node, ""] = cell

    def condition(self, node: Node) -> str:
        return self.cell(node).sql

    def cell(self, node: Node, form: str = "") -> Cell:
        """The SQL of a part; a date's form is "" (20260924), "_end" (the same, the last of February as the 29th) or "_day"."""
        found = self._shared.get((node, form))
        return found if found else _LOWERINGS.get(node.op, _strict)(self, node, form)

    def number(self, node: Node, scale: int) -> Cell:
        """A number brought to a scale."""
        cell = self.cell(node)
        if cell.scale == scale:
            return cell
        shift = 10 ** (scale - cell.scale)
        most = self.bounded(cell.most * shift)
        return Cell(f"({self.fitted(cell, most)} * {self.whole(shift)})", most, scale)

    def numbers(self, nodes: Sequence[Node]) -> list[Cell]:
        """Values that stand beside one another; numbers are brought to one scale."""
        if not any(node.type in ("integer", "decimal") for node in nodes):
            return [self.cell(node) for node in nodes]
        scale = max(self.cell(node).scale for node in nodes)
        return [self.number(node, scale) for node in nodes]

    def bounded(self, most: int) -> int:
        if most > WIDE:
            raise CannotLower("条件里的数可能超过38位。", hint="请减少相乘的项，或给事实写较少的小数位。")
        return most

    def fitted(self, cell: Cell, most: int) -> str:
        """The operand of an operation whose result can be `most`: widened first where that is more than 18 digits."""
        return f"CAST({cell.sql} AS {self.dialect.wide})" if most > NARROW else cell.sql

    def whole(self, value: int) -> str:
        text = f"({value})" if value < 0 else str(value)
        if abs(value) > NARROW:
            return f"CAST('{value}' AS {self.dialect.wide})"
        return text if abs(value) < 2**31 else f"CAST({text} AS {self.dialect.integer})"

    def type_of(self, cell: Cell, kind: str) -> str:
        """The column type of a value."""
        if kind in ("integer", "decimal"):
            return self.dialect.wide if cell.most > NARROW else self.dialect.integer
        return {"bool": self.dialect.boolean, "date": self.dialect.integer}.get(kind, self.dialect.text)

    def fact(self, node: Node, form: str) -> Cell:
        name = str(node.value)
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


def _logic(low: Lowering, node: Node, form: str) -> Cell:
    return Cell("(" + f" {node.op.upper()} ".join(low.cell(arg).sql for arg in node.args) + ")")


def _strict(low: Lowering, node: Node, form: str) -> Cell:
    """Comparisons."""
    if node.op not in _PLAIN:
        raise CannotLower(f"“{node.op}”还不能整批计算。", hint="请换一种写法。")
    left, right = low.numbers(node.args)
    return Cell(f"({left.sql} {node.op} {right.sql})")


def _in(low: Lowering, node: Node, form: str) -> Cell:
    value, *listed = low.numbers(node.args)
    return Cell(f"({value.sql} IN ({', '.join(item.sql for item in listed)}))")


def _sum(low: Lowering, node: Node, form: str) -> Cell:
    left, right = low.numbers(node.args)
    most = low.bounded(left.most + right.most)
    return Cell(f"({low.fitted(left, most)} {node.op} {low.fitted(right, most)})", most, left.scale)


def _product(low: Lowering, node: Node, form: str) -> Cell:
    left, right = (low.cell(arg) for arg in node.args)
    most = low.bounded(left.most * right.most)
    return Cell(f"({low.fitted(left, most)} * {low.fitted(right, most)})", most, left.scale + right.scale)


def _negative(low: Lowering, node: Node, form: str) -> Cell:
    cell = low.cell(node.args[0])
    return Cell(f"(-{cell.sql})", cell.most, cell.scale)


def _division(low: Lowering, node: Node, form: str) -> Cell:
    """The size of a over that of b in whole numbers, rounded as said, with the sign set afterwards; nothing when b is 0."""
    top, bottom = low.cell(node.args[0]), low.cell(node.args[1])
    places, rounding = int(str(node.args[2].value)), str(node.args[3].value)
    shift = places + bottom.scale - top.scale
    up, down = 10 ** max(shift, 0), 10 ** max(-shift, 0)
    n_most, d_most = top.most * up, bottom.most * down
    widest = low.bounded(2 * n_most + 2 * d_most)
    n, d = (_size(low.fitted(cell, widest), low.whole(by)) for cell, by in ((top, up), (bottom, down)))
    d = f"nullif({d}, 0)"
    quotient = {
        "down": low.dialect.quotient(n, d),
        "up": low.dialect.quotient(f"({n} + {d} - 1)", d),
        "half-up": low.dialect.quotient(f"({n} * 2 + {d})", f"({d} * 2)"),
    }[rounding]
    sql = f"CASE WHEN ({top.sql} < 0) = ({bottom.sql} < 0) THEN {quotient} ELSE -{quotient} END"
    if low.dialect.name == "spark" and n_most + 1 > NARROW and widest > NARROW:
        raise CannotLower("Spark 的整除结果至多18位。", hint="请给事实写较少的小数位，或先缩小被除数。")
    return Cell(f"({sql})", n_most + 1, places)


def _size(number: str, times: str) -> str:
    size = f"(CASE WHEN {number} < 0 THEN -{number} ELSE {number} END)"
    return size if times == "1" else f"({size} * {times})"


def _is_null(low: Lowering, node: Node, form: str) -> Cell:
    return Cell(f"({low.cell(node.args[0]).sql} IS NULL)")


def _coalesce(low: Lowering, node: Node, form: str) -> Cell:
    cells = low.numbers(node.args) if not form else [low.cell(arg, form) for arg in node.args]
    most = max(cell.most for cell in cells)
    return Cell(f"coalesce({', '.join(low.fitted(cell, most) for cell in cells)})", most, cells[0].scale)


def _case(low: Lowering, node: Node, form: str) -> Cell:
    *pairs, otherwise = node.args
    results = [*pairs[1::2], otherwise]
    cells = [low.cell(arg, form) for arg in results] if form else low.numbers(results)
    most = max(cell.most for cell in cells)
    tests = [low.cell(test).sql for test in pairs[0::2]]
    branches = [f"WHEN {test} THEN {low.fitted(c, most)}" for test, c in zip(tests, cells[:-1], strict=True)]
    text = f"CASE {' '.join(branches)} ELSE {low.fitted(cells[-1], most)} END"
    cell = Cell(text, most, cells[0].scale)
    return Cell(f"CAST({text} AS {low.type_of(cell, node.type)})", most, cell.scale)


def _extreme(low: Lowering, node: Node, form: str) -> Cell:
    cells = [low.cell(arg, form) for arg in node.args] if form else low.numbers(node.args)
    bare = low.numbers(node.args) if form else cells
    sign = "<=" if node.op == "least" else ">="
    most = max(cell.most for cell in cells)
    chosen, by = cells[-1].sql, bare[-1].sql
    for cell, key in zip(reversed(cells[:-1]), reversed(bare[:-1]), strict=True):
        test = f"{key.sql} {sign} {by}"
        chosen, by = (
            f"CASE WHEN {test} THEN {low.fitted(cell, most)} WHEN NOT ({test}) THEN {chosen} END",
            f"CASE WHEN {test} THEN {key.sql} WHEN NOT ({test}) THEN {by} END",
        )
    return Cell(f"({chosen})", most, cells[0].scale)


def _length(low: Lowering, node: Node, form: str) -> Cell:
    return Cell(low.dialect.length(low.cell(node.args[0]).sql), _COUNTED["len"])


def _years(low: Lowering, node: Node, form: str) -> Cell:
    """Whole years are the difference of numbers like 20260924, where the last of February counts as the 29th."""
    a, b = node.args
    (a0, a1), (b0, b1) = ((low.cell(day).sql, low.cell(day, "_end").sql) for day in (a, b))
    forth, back = low.dialect.quotient(f"({b1} - {a0})", "10000"), low.dialect.quotient(f"({a1} - {b0})", "10000")
    return Cell(f"(CASE WHEN {a0} <= {b0} THEN {forth} ELSE -{back} END)", _COUNTED["years_between"])


def _days(low: Lowering, node: Node, form: str) -> Cell:
    a, b = (low.cell(day, "_day").sql for day in node.args)
    return Cell(f"({b} - {a})", _COUNTED["days_between"])


_LOWERINGS: dict[str, Callable[[Lowering, Node, str], Cell]] = {
    "literal": _literal, "fact": Lowering.fact, "and": _logic, "or": _logic, "in": _in, "+": _sum, "-": _sum, "*": _product,
    "not": lambda low, node, form: Cell(f"(NOT {low.cell(node.args[0]).sql})"), "neg": _negative, "div": _division,
    "is-null": _is_null, "coalesce": _coalesce, "case": _case, "least": _extreme, "greatest": _extreme,
    "len": _length, "years_between": _years, "days_between": _days,
}  # fmt: skip
