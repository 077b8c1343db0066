"""What the checks need of an engine beyond what kernel.rules spells."""

from collections.abc import Callable
from dataclasses import dataclass

from yiwang.kernel.rules import queries as rules
from yiwang.kernel.rules.contracts import Dialect


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine's words; `words` are those of kernel.rules."""

    words: Dialect
    matches: Callable[[str, str], str]
    whole_number: Callable[[str], str]
    number: Callable[[str], str]
    a_date: Callable[[str], str]
    substring: str

    def cut(self, text: str, first: int, size: int) -> str:
        return f"{self.substring}({text}, {first}, {size})"

    def cut_at(self, text: str, place: str) -> str:
        return f"{self.substring}({text}, {place}, 1)"

    def quotient(self, a: str, b: str) -> str:
        return self.words.quotient(a, b)

    def text(self, value: str) -> str:
        return self.words.text_of(value)


def engine(dialect: str) -> Engine:
    """The engine of this name: duckdb, spark or clickhouse. Raises NoSuchDialect."""
    words = rules.dialect(dialect)
    return _MADE[words.name](words)


def _duckdb(words: Dialect) -> Engine:
    return Engine(
        words,
        matches=lambda text, pattern: f"regexp_full_match({text}, {words.text_of(pattern)})",
        whole_number=lambda text: f"TRY_CAST({text} AS BIGINT)",
        number=lambda text: f"TRY_CAST({text} AS DECIMAL(38, 6))",
        a_date=lambda text: f"TRY_CAST({text} AS DATE)",
        substring="substr",
    )


def _spark(words: Dialect) -> Engine:
    return Engine(
        words,
        matches=lambda text, pattern: f"({text} RLIKE {words.text_of(_anchored(pattern))})",
        whole_number=lambda text: f"try_cast({text} AS BIGINT)",
        number=lambda text: f"try_cast({text} AS DECIMAL(38, 6))",
        a_date=lambda text: f"try_cast({text} AS DATE)",
        substring="substr",
    )


def _clickhouse(words: Dialect) -> Engine:
    return Engine(
        words,
        matches=lambda text, pattern: f"match({text}, {words.text_of(_anchored(pattern))})",
        whole_number=lambda text: f"toInt64OrNull({text})",
        number=lambda text: f"toDecimal128OrNull({text}, 6)",
        a_date=lambda text: f"toDate32OrNull({text})",
        substring="substringUTF8",
    )


def _anchored(pattern: str) -> str:
    return rf"\A(?:{pattern})\z"


_MADE = {"duckdb": _duckdb, "spark": _spark, "clickhouse": _clickhouse}
