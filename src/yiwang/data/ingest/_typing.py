"""From `found` to `typed`: each column as its data element says, rows that do not fit named with column and sentence."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from yiwang.data.engine.queries import literal, quoted
from yiwang.data.ingest._fast import Fast, fast
from yiwang.data.ingest.kinds import ColumnPart
from yiwang.kernel.elements import queries as elements
from yiwang.kernel.elements.contracts import CodeList, Element, NotThisElement

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_PIECE = 20_000
NOTATION_MAX = 200


@dataclass(frozen=True, slots=True)
class _Typed:
    """One column of the standard layer: its value, and why it has none, over `f` and its table of slow values."""

    column: ColumnPart
    value: str
    why: str
    is_bad: str
    join: str


def type_all(lake: "DuckDBPyConnection", columns: Sequence[ColumnPart]) -> dict[str, int]:
    """Fill `typed` (`_line`, the columns, `_column` and `_words` of rows that do not fit); answers how many cells of which column were emptied."""
    made = [_typed(lake, number, column) for number, column in enumerate(columns)]
    strict = [each for each in made if each.column.bad == "row" or each.column.required]
    at_fault = " ".join(f"WHEN {each.why} IS NOT NULL THEN {literal(each.column.name)}" for each in strict)
    why = ", ".join([*(each.why for each in strict), "NULL"])
    values = ", ".join(f"{each.value} AS {quoted(str(each.column.as_))}" for each in made)
    lake.execute(
        f"CREATE OR REPLACE TABLE typed AS SELECT f._line, {values}, "
        f"{f'CASE {at_fault} END' if at_fault else 'NULL::VARCHAR'} AS _column, coalesce({why})::VARCHAR AS _words "
        f"FROM found f {' '.join(each.join for each in made)}"
    )
    emptied = {each.column.name: _count(lake, each) for each in made if each.column.bad == "empty"}
    for number in range(len(columns)):
        lake.execute(f"DROP TABLE IF EXISTS slow_{number}")
    return {name: count for name, count in emptied.items() if count}


def types_of(columns: Sequence[ColumnPart]) -> dict[str, str]:
    """DuckDB's type of each column of the standard layer, by its standard name."""
    return {str(column.as_): fast(*_element(column)).type for column in columns}


def _element(column: ColumnPart) -> tuple[Element, CodeList | None]:
    element = elements.get(str(column.element))
    return element, elements.code_list(element.code_list) if element.code_list else None


def _typed(lake: "DuckDBPyConnection", number: int, column: ColumnPart) -> _Typed:
    element, codes = _element(column)
    quick = fast(element, codes)
    raw = f"f.{quoted(column.name)}"
    test, typed = f"({quick.test})".replace("{v}", raw), quick.value.replace("{v}", raw)
    blank = f"({raw} IS NULL OR trim({raw}) = '')"
    _ask_slowly(lake, number, column, raw, f"NOT {blank} AND NOT coalesce({test}, false)")
    slow = f"s{number}"
    kept = raw if column.bad == "keep" and quick.type == "VARCHAR" else f"NULL::{quick.type}"
    value = (
        f"CASE WHEN {blank} OR {slow}.is_blank THEN NULL WHEN {test} THEN {typed} "
        f"WHEN {slow}.why IS NULL THEN {_cast(quick, slow)} ELSE {kept} END"
    )
    empty = literal(f"{element.title}还没有填写。") if column.required else "NULL"
    why = f"WHEN {test} THEN NULL ELSE {slow}.why" if column.bad == "row" else "ELSE NULL"
    why = f"CASE WHEN {blank} OR coalesce({slow}.is_blank, false) THEN {empty} {why} END"
    return _Typed(
        column, value, why, f"{slow}.why IS NOT NULL", f"LEFT JOIN slow_{number} {slow} ON {slow}.raw = {raw}"
    )


def _cast(quick: Fast, slow: str) -> str:
    return f"{slow}.value" if quick.type == "VARCHAR" else f"CAST({slow}.value AS {quick.type})"


def _ask_slowly(lake: "DuckDBPyConnection", number: int, column: ColumnPart, raw: str, wanted: str) -> None:
    """Each distinct value that SQL did not know, as kernel.elements reads it; said first as the source's notations say it."""
    element, codes = _element(column)
    said = notations(column)
    lake.execute(
        f"CREATE OR REPLACE TABLE asked AS SELECT row_number() OVER () AS n, raw FROM (SELECT DISTINCT {raw} AS raw FROM found f WHERE {wanted})"
    )
    lake.execute(f"CREATE OR REPLACE TABLE slow_{number} (raw VARCHAR, value VARCHAR, why VARCHAR, is_blank BOOLEAN)")
    first = 0
    while rows := lake.execute(f"SELECT raw FROM asked WHERE n > {first} ORDER BY n LIMIT {_PIECE}").fetchall():
        answers = [_answer(element, codes, said(row[0])) for row in rows]
        values, whys, blanks = (list(column) for column in zip(*answers, strict=True))
        lake.execute(
            f"INSERT INTO slow_{number} SELECT unnest($1::VARCHAR[]), unnest($2::VARCHAR[]), unnest($3::VARCHAR[]), unnest($4::BOOLEAN[])",
            [[row[0] for row in rows], values, whys, blanks],
        )
        first += _PIECE
    lake.execute("DROP TABLE asked")


def notations(column: ColumnPart) -> Callable[[str], str]:
    """What this source's own way of writing a value means."""
    known = [(re.compile(each.like), each.means) for each in column.notations]

    def said(raw: str) -> str:
        text = raw.strip()
        found = (
            (match, means) for like, means in known if len(text) <= NOTATION_MAX and (match := like.fullmatch(text))
        )
        match, means = next(found, (None, ""))
        return match.expand(means) if match else raw

    return said


def _answer(element: Element, codes: CodeList | None, raw: str) -> tuple[str | None, str | None, bool]:
    if not raw.strip():
        return None, None, True
    try:
        value = elements.value_of(element, raw, codes=codes)
    except NotThisElement as wrong:
        return None, wrong.message[:300], False
    stored = elements.as_json(value)
    return ("true" if value else "false") if isinstance(value, bool) else str(stored), None, False


def _count(lake: "DuckDBPyConnection", each: _Typed) -> int:
    row = lake.execute(f"SELECT count(*) FROM found f {each.join} WHERE {each.is_bad}").fetchone()
    return int(row[0]) if row else 0
