"""A whole population decided in one scan of a DuckDB relation."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from yiwang.kernel.base.contracts import PackInvalid
from yiwang.kernel.rules._decision import ANSWERS, Answer
from yiwang.kernel.rules._dialects import DUCKDB
from yiwang.kernel.rules._fits import misfit
from yiwang.kernel.rules._rule import AS_OF, CompiledRule
from yiwang.kernel.rules._ruleset import RuleSet
from yiwang.kernel.rules._scan import Scan

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from pyarrow import Table

    from yiwang.kernel.rules._planes import Piece

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

    def counts(self) -> dict[str, Counts]:
        """For each rule how many records meet it, do not, or lack facts."""
        scan = Scan(self.rules.rules, reasons=False)
        found = [[0, 0, 0] for _ in scan.rules]
        for piece in self._pieces(scan):
            for sums, rule in zip(found, scan.rules, strict=True):
                answer = piece.answer(rule)
                for place, count in enumerate((answer.true_count, answer.false_count, answer.null_count)):
                    sums[place] += count
        return {rule.id: Counts(*sums) for rule, sums in zip(scan.rules, found, strict=True)}

    def decide(self) -> "Decided":
        """All that comes out of every rule for every record."""
        scan = Scan(self.rules.rules, reasons=True)
        return Decided({rule.id: rule for rule in scan.rules}, tuple(self._pieces(scan)))

    def verdicts(self, answers: Collection[Answer] = (Answer.MET,)) -> Iterator[Verdict]:
        """What came out, rule by rule, of the records with one of these answers; decided in one scan before the first comes."""
        decided = self.decide()
        for rule_id in decided.rules:
            yield from decided.verdicts(rule_id, answers)

    def _pieces(self, scan: Scan) -> "Iterator[Piece]":
        from yiwang.kernel.rules._planes import Piece  # Arrow only where populations are decided

        reader = self.connection.sql(scan.sql(table=self.table, key=self.key)).to_arrow_reader(_PIECE)
        return (Piece(scan, batch) for batch in reader)


@dataclass(frozen=True)
class Decided:
    """What rules came to for a population, in bits: a later change of the table changes nothing in it."""

    rules: Mapping[str, CompiledRule]
    _records: "tuple[Piece, ...]" = field(repr=False)

    def tables(self, rule_id: str) -> "Iterator[Table]":
        """One rule's part as Arrow tables: `key`, `answer`, and by name `condition.…`, `missing.…` (while unknown), `output.…` (where met)."""
        import pyarrow

        return (pyarrow.table(piece.columns(self.rules[rule_id])) for piece in self._records)

    def verdicts(self, rule_id: str, answers: Collection[Answer] = (Answer.MET,)) -> Iterator[Verdict]:
        """One rule's part, of the records with one of these answers."""
        rule = self.rules[rule_id]
        for table in self.tables(rule_id):
            names = table.column_names
            for row in zip(
                *(column.to_pylist() for column in table.filter(_among(table, answers)).columns), strict=True
            ):
                yield _verdict(rule, dict(zip(names, row, strict=True)))


def _among(table: "Table", answers: Collection[Answer]) -> Any:
    import pyarrow
    from pyarrow import compute

    given = pyarrow.array([_SPELLED[answer] for answer in answers], pyarrow.bool_())
    return compute.is_in(table["answer"], value_set=given)


def _verdict(rule: CompiledRule, row: Mapping[str, Any]) -> Verdict:
    answer = ANSWERS[row["answer"]]
    failed = tuple(condition.code for condition in rule.conditions if row[f"condition.{condition.code}"] is False)
    missing = sorted(name for name in rule.fact_names if row.get(f"missing.{name}"))
    met = rule.outputs if answer is Answer.MET else ()
    outputs = {output.name: _whole(output.tree.type, row[f"output.{output.name}"]) for output in met}
    return Verdict(row["key"], rule.id, answer, failed, tuple(missing), MappingProxyType(outputs))


def _whole(kind: str, value: Any) -> Any:
    """A whole number of more than 18 digits comes as a decimal."""
    return int(value) if kind == "integer" and value is not None else value


_SPELLED = {answer: value for value, answer in ANSWERS.items()}


def _named(table: str) -> str:
    return ".".join(DUCKDB.name_of(part) for part in table.split("."))
