"""A rule as it stands on a day: its parameters valued, its conditions compiled, ready to decide one record."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from types import MappingProxyType
from typing import Any

from yiwang.kernel.packs.contracts import LegalBasis, Text
from yiwang.kernel.rules import _python
from yiwang.kernel.rules._blame import Blame
from yiwang.kernel.rules._decision import ANSWERS, Answer, Condition, Decision, Mode, Reason
from yiwang.kernel.rules._tree import Node, facts_of
from yiwang.kernel.rules._values import FactType, values_of

AS_OF = "as_of"
_DECISIONS_MAX = 1024
_NOTHING: Mapping[str, Any] = MappingProxyType({})


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


@dataclass(frozen=True, eq=False)
class CompiledRule:
    """A rule as it stands on `on`: decides one record here, a whole population through SQL."""

    id: str
    version: int
    hash: str
    title: Text
    on: date
    mode: Mode
    facts: tuple[RuleFact, ...] = field(repr=False)
    parameters: tuple[BoundParameter, ...] = field(repr=False)
    conditions: tuple[Condition, ...] = field(repr=False)
    trees: tuple[Node, ...] = field(repr=False)
    outputs: tuple[Output, ...] = field(default=(), repr=False)
    legal_basis: tuple[LegalBasis, ...] = field(default=(), repr=False)
    answer_tree: Node | None = field(default=None, repr=False)

    def decide(self, facts: Mapping[str, object]) -> Decision:
        """What the rule comes to over these facts, with a reason for each condition."""
        values = values_of(facts if AS_OF in facts else {**facts, AS_OF: self.on}, self._readers)
        return self.decided(
            self._run(values), range(len(self.trees)), lambda place: self._blames[place].missing(values)
        )

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

    def named_by(self, code: str) -> tuple[str, ...]:
        """The facts that a condition is over, in the rule's order."""
        place = [condition.code for condition in self.conditions].index(code)
        return tuple(name for name in self.fact_names if name in facts_of(self.trees[place]))

    @property
    def tree(self) -> Node:
        """The conditions as one; a decision table's says so itself."""
        if self.answer_tree:
            return self.answer_tree
        if len(self.trees) == 1:
            return self.trees[0]
        return Node("and" if self.mode is Mode.ALL else "or", "bool", self.trees)

    def decided(
        self, worked_out: tuple[Any, ...], places: Sequence[int], missing_at: Callable[[int], tuple[str, ...]]
    ) -> Decision:
        """A decision from the answer, the conditions' answers and the outputs, in that order.

        `missing_at` says which facts would settle a condition; it knows the conditions by `places`.
        """
        count = len(self.trees) + 1
        settled = worked_out[:count]
        found = self._decisions.get(settled)
        if found is None:
            lacking = [missing_at(at) if value is None else () for at, value in zip(places, settled[1:], strict=True)]
            found = self._kept(settled, tuple(lacking))
        if self.outputs and found.answer is Answer.MET:
            return Decision(found.answer, found.reasons, found.missing, self._named(worked_out[count:]))
        return found

    def _kept(self, settled: tuple[Any, ...], lacking: tuple[tuple[str, ...], ...]) -> Decision:
        """The decision without its outputs, remembered by what it came from: people's records repeat each other."""
        key = (settled, lacking) if None in settled else settled
        found = self._decisions.get(key)
        if found is None:
            found = self._decision(settled, lacking)
            if len(self._decisions) < _DECISIONS_MAX:
                self._decisions[key] = found
        return found

    def _decision(self, settled: tuple[Any, ...], lacking: tuple[tuple[str, ...], ...]) -> Decision:
        reasons = tuple(
            known[value] if value is not None else self._unknown(place, missing)
            for place, (known, value, missing) in enumerate(zip(self._reasons, settled[1:], lacking, strict=True))
        )
        answer = ANSWERS[settled[0]]
        missing = {name for reason in reasons for name in reason.missing} if answer is Answer.UNKNOWN else ()
        return Decision(answer, reasons, tuple(sorted(missing)), _NOTHING)

    @cached_property
    def _decisions(self) -> dict[tuple[Any, ...], Decision]:
        return {}

    @property
    def all_trees(self) -> tuple[Node, ...]:
        """The answer, the conditions and the outputs, as `decided` takes them."""
        return (self.tree, *self.trees, *(output.tree for output in self.outputs))

    def _named(self, values: Sequence[Any]) -> Mapping[str, Any]:
        return MappingProxyType({output.name: value for output, value in zip(self.outputs, values, strict=True)})

    def _unknown(self, place: int, missing: tuple[str, ...]) -> Reason:
        condition = self.conditions[place]
        return Reason(condition.code, condition.sentence, Answer.UNKNOWN, missing, condition.basis)

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
