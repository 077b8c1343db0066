"""How each engine spells the few things in which they differ; all else of a lowered rule reads the same everywhere."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dialect:
    """An engine's words. Numbers are whole (`integer` up to 18 digits, `wide` up to 38), dates are numbers like 20260924."""

    name: str
    integer: str
    wide: str
    boolean: str
    text: str
    column_types: dict[str, str]
    quotient: Callable[[str, str], str]
    length: Callable[[str], str]
    day_number: Callable[[str], str]
    date_of: Callable[[str, str, str], str]
    decimal_of: Callable[[str, int], str]
    unscaled: Callable[[str, int], str]
    either: Callable[[str, str], str] = "({} | {})".format
    small: str = "TINYINT"
    days: tuple[str, str] = ("DATE '0001-01-01'", "DATE '9999-12-31'")
    mark: str = '"'
    escapes: bool = False

    def name_of(self, identifier: str) -> str:
        """A column or table name in quotes."""
        doubled = identifier.replace("\\", "\\\\") if self.escapes and self.mark == '"' else identifier
        return self.mark + doubled.replace(self.mark, self.mark * 2) + self.mark

    def text_of(self, value: str) -> str:
        """A text literal."""
        if self.escapes:
            return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
        return "'" + value.replace("'", "''") + "'"


def _unscaled(wide: str, integer: str) -> Callable[[str, int], str]:
    """A decimal as the whole number of its last place."""
    return lambda source, places: f"CAST(CAST({source} AS {wide.format(places)}) * {10**places} AS {integer})"


def _unscaled_duckdb(source: str, places: int) -> str:
    """As the others do; what fits into 18 digits, which is nearly everything, without numbers of 128 bits."""
    general = _unscaled("DECIMAL(38, {})", "BIGINT")(source, places)
    most = 10 ** (18 - 2 * places) - 1 if places < 9 else 0
    if not most:
        return general
    narrow = _unscaled("DECIMAL(18, {})", "BIGINT")(source, places)
    return f"CASE WHEN {source} BETWEEN -{most} AND {most} THEN {narrow} ELSE {general} END"


def _cast(kind: str) -> Callable[[str], str]:
    return lambda text: f"CAST({text} AS {kind})"


DUCKDB = Dialect(
    name="duckdb",
    integer="BIGINT",
    wide="HUGEINT",
    boolean="BOOLEAN",
    text="VARCHAR",
    column_types={
        "bool": "BOOLEAN",
        "integer": "BIGINT",
        "decimal": "DECIMAL(18, {})",
        "date": "DATE",
        "text": "VARCHAR",
    },
    quotient=lambda a, b: f"({a} // {b})",
    length=lambda text: f"length({text})",
    day_number=lambda day: f"CAST({day} - DATE '1970-01-01' AS BIGINT)",
    date_of=lambda y, m, d: f"make_date({y}, {m}, {d})",
    decimal_of=lambda number, places: (
        f"(CAST({number} AS DECIMAL(38, 0)) * CAST({10**-places:.{places}f} AS DECIMAL({places + 1}, {places})))"
    ),
    unscaled=_unscaled_duckdb,
)
SPARK = Dialect(
    name="spark",
    integer="BIGINT",
    wide="DECIMAL(38, 0)",
    boolean="BOOLEAN",
    text="STRING",
    column_types={
        "bool": "BOOLEAN",
        "integer": "BIGINT",
        "decimal": "DECIMAL(18, {})",
        "date": "DATE",
        "text": "STRING",
    },
    quotient=lambda a, b: f"({a} DIV {b})",
    length=lambda text: f"length({text})",
    day_number=lambda day: f"CAST(datediff({day}, DATE '1970-01-01') AS BIGINT)",
    date_of=lambda y, m, d: f"make_date({y}, {m}, {d})",
    decimal_of=lambda number, places: (
        f"CAST({number} * CAST({10**-places:.{places}f} AS DECIMAL({places + 1}, {places})) AS DECIMAL(38, {places}))"
    ),
    unscaled=_unscaled("DECIMAL(38, {})", "BIGINT"),
    mark="`",
    escapes=True,
)
CLICKHOUSE = Dialect(
    name="clickhouse",
    integer="Nullable(Int64)",
    wide="Nullable(Int128)",
    boolean="Nullable(Bool)",
    text="Nullable(String)",
    column_types={
        "bool": "Nullable(Bool)", "integer": "Nullable(Int64)", "decimal": "Nullable(Decimal(18, {}))",
        "date": "Nullable(Date32)", "text": "Nullable(String)",
    },
    quotient=lambda a, b: f"intDiv({a}, {b})",
    length=lambda text: f"CAST(lengthUTF8({text}) AS Nullable(Int64))",
    day_number=lambda day: f"CAST({day} AS Nullable(Int64))",
    date_of=lambda y, m, d: f"makeDate32({y}, {m}, {d})",
    # Its wide numbers become decimals only by way of text.
    decimal_of=lambda number, places: (
        f"(CAST(CAST({number} AS Nullable(String)) AS Nullable(Decimal(38, 0)))"
        f" * CAST('{10**-places:.{places}f}' AS Decimal(38, {places})))"
    ),
    unscaled=_unscaled("Nullable(Decimal(38, {}))", "Nullable(Int64)"),
    days=("toDate32('1900-01-01')", "toDate32('2299-12-31')"),
    either="bitOr({}, {})".format,
    escapes=True,
)  # fmt: skip
DIALECTS = {dialect.name: dialect for dialect in (DUCKDB, SPARK, CLICKHOUSE)}
