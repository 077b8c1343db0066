"""A rule as it stands on a day: its parameters valued, its conditions compiled, ready to decide one record."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from types import MappingProxyType
from typing import Any

from yiwang.kernel.packs.contracts import LegalBasis, Text
from yiwang.kernel.rules import _python
from yiwang.kernel.rules._blame import Blame
from yiwang.kernel.rules._decision import ANSWERS, Answer, Condition, Decision, Mode, Reason
from yiwang.kernel.rules._tree import Node
from yiwang.kernel.rules._values import FactType, values_of

AS_OF = "as_of"


@dataclass(frozen=True, slots=True)
class RuleFact:
    """A fact that a rule declares; `element` names its data element, if it has one."""

    name: str
    title: Text
    type: FactType
    element: str | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class BoundParameter:
    """A parameter as it stands on the rule's day."""

    name: str
    id: str
    title: Text
    value: int | Decimal
    since: date
    source: LegalBasis
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Output:
    """A value that a rule works out where it is met."""

    name: str
    title: Text
    tree: Node
    unit: str = ""


@dataclass(frozen=True)
class CompiledRule:
    """A rule as it stands on `on`: decides one record here, a whole population through SQL."""

    id: str
    version: int
    hash: str
    title: Text
    on: date
    mode: Mode
    facts: tuple[RuleFact, ...]
    parameters: tuple[BoundParameter, ...]
    conditions: tuple[Condition, ...]
    trees: tuple[Node, ...]
    outputs: tuple[Output, ...] = ()
    legal_basis: tuple[LegalBasis, ...] = ()

    def decide(self, facts: Mapping[str, object]) -> Decision:
        """What the rule comes to over these facts, with a reason for each condition."""
        values = values_of(facts if AS_OF in facts else {**facts, AS_OF: self.on}, self._readers)
        return self.decided(self._run(values), values)

    def values(self, facts: Mapping[str, object]) -> dict[str, Any]:
        """The facts as the rule reads them: None where one is absent or not of its type."""
        given = facts if AS_OF in facts else {**facts, AS_OF: self.on}
        return dict(zip(self.fact_names, values_of(given, self._readers), strict=True))

    def sql(self, dialect: str = "duckdb", *, table: str = "facts", key: str = "id") -> str:
        """One query over a table with a column per fact (see `columns`): key, answer, failed, missing and the outputs.

        `answer` is true, false or null (unknown); bit n of `failed` is condition n, bit n of `missing` is fact n. Raises CannotLower.
        """
        from yiwang.kernel.rules._query import rule_query

        return rule_query(self, dialect, table=table, key=key)

    def columns(self, dialect: str = "duckdb") -> dict[str, str]:
        """The columns that `sql` reads, with their types."""
        from yiwang.kernel.rules._query import column_types

        return column_types(self.facts, dialect)

    @property
    def fact_names(self) -> tuple[str, ...]:
        return tuple(fact.name for fact in self.facts)

    def fact(self, name: str) -> RuleFact:
        """The fact of this name; KeyError when the rule has none."""
        return {fact.name: fact for fact in self.facts}[name]

    @property
    def tree(self) -> Node:
        """The conditions as one."""
        if len(self.trees) == 1:
            return self.trees[0]
        return Node("and" if self.mode is Mode.ALL else "or", "bool", self.trees)

    def decided(self, worked_out: Sequence[Any], values: Sequence[Any]) -> Decision:
        """A decision from the answer, the conditions' answers and the outputs, in that order."""
        answer, count = ANSWERS[worked_out[0]], len(self.trees)
        reasons = tuple(
            [
                settled[value] if value is not None else self._unknown(index, values)
                for index, (settled, value) in enumerate(zip(self._reasons, worked_out[1:], strict=False))
            ]
        )
        if answer is Answer.MET and self.outputs:
            return Decision(answer, reasons, (), self._named(worked_out[count + 1 :]))
        if answer is Answer.UNKNOWN:
            missing = {name for reason in reasons for name in reason.missing}
            return Decision(answer, reasons, tuple(sorted(missing)))
        return Decision(answer, reasons)

    @property
    def all_trees(self) -> tuple[Node, ...]:
        """The answer, the conditions and the outputs, as `decided` takes them."""
        return (self.tree, *self.trees, *(output.tree for output in self.outputs))

    def _named(self, values: Sequence[Any]) -> Mapping[str, Any]:
        return MappingProxyType({output.name: value for output, value in zip(self.outputs, values, strict=True)})

    def _unknown(self, index: int, values: Sequence[Any]) -> Reason:
        condition, blame = self.conditions[index], self._blames[index]
        return Reason(condition.code, condition.sentence, Answer.UNKNOWN, blame.missing(values), condition.basis)

    @cached_property
    def _readers(self) -> list[tuple[str, Any]]:
        return [(fact.name, fact.type.reader) for fact in self.facts]

    @cached_property
    def _run(self) -> _python.Run:
        return _python.function(self.all_trees, self.fact_names)

    @cached_property
    def _blames(self) -> list[Blame]:
        return [Blame(tree, self.fact_names) for tree in self.trees]

    @cached_property
    def _reasons(self) -> list[dict[bool, Reason]]:
        return [dict(_settled(condition)) for condition in self.conditions]


def _settled(condition: Condition) -> Iterator[tuple[bool, Reason]]:
    for held in (True, False):
        yield held, Reason(condition.code, condition.sentence, ANSWERS[held], (), condition.basis)
