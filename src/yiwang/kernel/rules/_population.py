"""A whole population decided in one scan of a DuckDB relation."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from yiwang.kernel.base.contracts import PackInvalid
from yiwang.kernel.rules._decision import ANSWERS, Answer
from yiwang.kernel.rules._dialects import DUCKDB
from yiwang.kernel.rules._fits import misfit
from yiwang.kernel.rules._missing import WORD
from yiwang.kernel.rules._query import Wanted, query
from yiwang.kernel.rules._rule import AS_OF, CompiledRule
from yiwang.kernel.rules._ruleset import RuleSet

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_PIECE = 100_000


class CannotRead(PackInvalid):
    """A relation that lacks a column of a rule, or holds it in a type that cannot be read exactly."""

    code = "rules.cannot-read"


@dataclass(frozen=True, slots=True)
class Counts:
    """How many records a rule came to which answer for."""

    met: int
    not_met: int
    unknown: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one rule came to for one record: codes of failed conditions, missing facts, outputs where it is met."""

    key: Any
    rule_id: str
    answer: Answer
    failed: tuple[str, ...]
    missing: tuple[str, ...]
    outputs: Mapping[str, Any]


@dataclass(frozen=True)
class Population:
    """Rules over a table or view of a DuckDB connection: one row a record, `key` its name, a column per fact. Raises CannotRead."""

    rules: RuleSet
    connection: "DuckDBPyConnection"
    table: str
    key: str

    def __post_init__(self) -> None:
        described = self.connection.execute(f"DESCRIBE SELECT * FROM {_named(self.table)}").fetchall()
        columns = {str(row[0]): str(row[1]) for row in described}
        for fact in (fact for fact in self.rules.facts if fact.name != AS_OF):
            what = misfit(columns.get(fact.name), fact.type)
            if what:
                raise CannotRead(f"表 {self.table} 的列“{fact.name}”{what}。", hint="请在表或视图里先转换好。")
        if self.key not in columns:
            raise CannotRead(f"表 {self.table} 没有主键列“{self.key}”。", hint="请核对列名。")

    def sql(self, *, reasons: bool = True, outputs: bool = True) -> str:
        """The query: the key, and answer_n, failed_n, missing_n, output_n_m of rule n."""
        return query(self.rules.rules, DUCKDB, table=self.table, key=self.key, wanted=Wanted(reasons, outputs))

    def counts(self) -> dict[str, Counts]:
        """For each rule how many records meet it, do not, or lack facts."""
        sums = ", ".join(f"count(answer_{n}), count_if(answer_{n})" for n in range(len(self.rules.rules)))
        text = f"SELECT count(*), {sums} FROM ({self.sql(reasons=False, outputs=False)})"
        total, *known = self.connection.execute(text).fetchall()[0]
        pairs = zip(self.rules.rules, known[0::2], known[1::2], strict=True)
        return {rule.id: Counts(met, answered - met, total - answered) for rule, answered, met in pairs}

    def store(self, name: str) -> None:
        """Keep everything as a table `name`, a row per record; replaces one of this name."""
        self.connection.execute(f"CREATE OR REPLACE TABLE {_named(name)} AS {self.sql()}")

    def verdicts(self, answers: Collection[Answer] = (Answer.MET,)) -> Iterator[Verdict]:
        """What came out, rule by rule, of the records with one of these answers; decided in one scan before the first comes."""
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {_KEPT} AS {self.sql()}")
        rows = self.connection.execute(f"SELECT count(*) FROM {_KEPT}").fetchall()[0][0]
        try:
            for number, rule in enumerate(self.rules.rules):
                yield from self._verdicts_of(number, rule, answers, rows)
        finally:
            self.connection.execute(f"DROP TABLE IF EXISTS {_KEPT}")

    def _verdicts_of(
        self, number: int, rule: CompiledRule, answers: Collection[Answer], rows: int
    ) -> Iterator[Verdict]:
        columns = [f"answer_{number}", f"failed_{number}"]
        columns += [f"missing_{number}_{word}" if word else f"missing_{number}" for word in range(self._words)]
        columns += [f"output_{number}_{index}" for index in range(len(rule.outputs))]
        wanted = " OR ".join(f"answer_{number} IS {_SPELLED[answer]}" for answer in answers) or "FALSE"
        text = f"SELECT {DUCKDB.name_of(self.key)}, {', '.join(columns)} FROM {_KEPT} WHERE rowid BETWEEN ? AND ? AND ({wanted})"
        # Piece by piece and read to the end: whoever takes a verdict may use the connection before the next.
        for first in range(0, rows, _PIECE):
            for row in self.connection.execute(text, [first, first + _PIECE - 1]).fetchall():
                yield self._verdict(rule, row)

    def _verdict(self, rule: CompiledRule, row: tuple[Any, ...]) -> Verdict:
        key, answer, failed, *rest = row
        words, outputs = rest[: self._words], rest[self._words :]
        codes = tuple(condition.code for n, condition in enumerate(rule.conditions) if failed >> n & 1)
        missing = {fact.name for n, fact in enumerate(self.rules.facts) if words[n // WORD] >> n % WORD & 1}
        named = {output.name: value for output, value in zip(rule.outputs, outputs, strict=True)} if answer else {}
        return Verdict(key, rule.id, ANSWERS[answer], codes, tuple(sorted(missing)), MappingProxyType(named))

    @property
    def _words(self) -> int:
        return (len(self.rules.facts) + WORD - 1) // WORD


_KEPT = "rule_verdicts"
_SPELLED = {Answer.MET: "TRUE", Answer.NOT_MET: "FALSE", Answer.UNKNOWN: "NULL"}


def _named(table: str) -> str:
    return ".".join(DUCKDB.name_of(part) for part in table.split("."))
