"""The first stage of a lowered rule: columns of a relation, read as whole numbers, booleans and texts."""

from collections.abc import Iterator, Mapping

from yiwang.kernel.rules._dialects import Dialect
from yiwang.kernel.rules._values import DIGITS, FactType

_MOST = 10**DIGITS - 1


def readings(
    dialect: Dialect, used: Mapping[str, set[str]], columns: Mapping[str, str], types: Mapping[str, FactType]
) -> Iterator[tuple[str, str]]:
    """(name, SQL) of every read value that lowered trees use; `columns` gives a fact its name in there."""
    for fact, forms in used.items():
        source = dialect.name_of(fact)
        for form in sorted(forms):
            yield columns[fact] + form, _read(dialect, types[fact], source, form)


def _read(dialect: Dialect, kind: FactType, source: str, form: str) -> str:
    if kind.type == "bool":
        return source
    if kind.type == "integer":
        return f"CASE WHEN {source} BETWEEN -{_MOST} AND {_MOST} THEN CAST({source} AS {dialect.integer}) END"
    if kind.type == "decimal":
        return dialect.unscaled(source, kind.places)
    if kind.type == "date":
        return (
            f"CASE WHEN {source} BETWEEN {dialect.days[0]} AND {dialect.days[1]} THEN {_day(dialect, source, form)} END"
        )
    return f"nullif({source}, '')"


def _day(dialect: Dialect, source: str, form: str) -> str:
    if form == "_day":
        return dialect.day_number(source)
    year, month, day = (f"CAST({part}({source}) AS {dialect.integer})" for part in ("year", "month", "day"))
    return f"{year} * 10000 + {month} * 100 + {day}"
