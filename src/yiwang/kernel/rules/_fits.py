"""Whether a DuckDB column can be read as a fact without rounding anything."""

import re

from yiwang.kernel.rules._values import DIGITS, FactType

_INTEGERS = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"}
_DECIMAL = re.compile(r"DECIMAL\((\d+),(\d+)\)")


def misfit(column: str | None, kind: FactType) -> str:
    """What is wrong with a column of this type for the fact; empty when nothing is."""
    if column is None:
        return "没有"
    if _fits(column, kind):
        return ""
    wanted = (
        f"decimal（至多{DIGITS - kind.places}位整数、{kind.places}位小数）" if kind.type == "decimal" else kind.type
    )
    return f"是 {column}，不能当作 {wanted}"


def _fits(column: str, kind: FactType) -> bool:
    if kind.type == "integer":
        return column in _INTEGERS
    if kind.type == "decimal":
        return _holds(column, kind.places)
    if kind.type in ("bool", "date"):
        return column == {"bool": "BOOLEAN", "date": "DATE"}[kind.type]
    return column == "VARCHAR" or column.startswith("ENUM(")


def _holds(column: str, places: int) -> bool:
    found = _DECIMAL.fullmatch(column.replace(" ", ""))
    if column in _INTEGERS:
        return column not in ("BIGINT",)
    return bool(found) and int(found[2]) <= places and int(found[1]) - int(found[2]) <= DIGITS - places  # type: ignore[index]
