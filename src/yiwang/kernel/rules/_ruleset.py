"""Many rules over the same record: facts are read once, what rules share is worked out once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from yiwang.kernel.base.contracts import PackInvalid
from yiwang.kernel.rules import _python
from yiwang.kernel.rules._blame import Blame
from yiwang.kernel.rules._decision import ANSWERS, Answer, Decision
from yiwang.kernel.rules._rule import AS_OF, CompiledRule, RuleFact
from yiwang.kernel.rules._tree import Node
from yiwang.kernel.rules._values import values_of


class FactsDiffer(PackInvalid):
    """Two rules of one set mean different things by the same name."""

    code = "rules.facts-differ"


@dataclass(frozen=True, eq=False)
class RuleSet:
    """Rules of one day whose facts of the same name are the same facts. Raises FactsDiffer when they are not."""

    rules: tuple[CompiledRule, ...] = field(repr=False)

    def __post_init__(self) -> None:
        _ = self.facts

    def answers(self, facts: Mapping[str, object]) -> list[Answer]:
        """What each rule comes to, in the order of `rules`; the quick way where reasons are not asked for."""
        return [ANSWERS[value] for value in self._answers(self._read(facts))]

    def decide(self, facts: Mapping[str, object]) -> list[Decision]:
        """What each rule comes to, with reasons."""
        values = self._read(facts)
        worked_out = self._decisions(values)
        known: dict[int, tuple[str, ...]] = {}

        def missing(tree: int) -> tuple[str, ...]:
            found = known.get(tree)
            if found is None:
                found = known[tree] = self._blame(tree).missing(values)
            return found

        return [rule.decided(worked_out[at:until], own, missing) for rule, at, until, own in self._parts]

    @cached_property
    def facts(self) -> tuple[RuleFact, ...]:
        """Every fact of the rules, once."""
        found: dict[str, RuleFact] = {}
        for rule in self.rules:
            for fact in rule.facts:
                other = found.setdefault(fact.name, fact)
                if (other.type, other.element) != (fact.type, fact.element):
                    raise FactsDiffer(
                        f"规则“{rule.id}”与同批的其他规则对事实“{fact.name}”的说法不一。", hint="请改名，或分批计算。"
                    )
        return tuple(found.values())

    def _read(self, facts: Mapping[str, object]) -> list[Any]:
        on = self.rules[0].on if self.rules else None
        return values_of(facts if AS_OF in facts else {**facts, AS_OF: on}, self._readers)

    @cached_property
    def _readers(self) -> list[tuple[str, Any]]:
        return [(fact.name, fact.type.reader) for fact in self.facts]

    @cached_property
    def _names(self) -> list[str]:
        return [fact.name for fact in self.facts]

    @cached_property
    def _answers(self) -> _python.Run:
        return _python.function([rule.tree for rule in self.rules], self._names)

    @cached_property
    def _decisions(self) -> _python.Run:
        return _python.function([tree for rule in self.rules for tree in rule.all_trees], self._names)

    @cached_property
    def _parts(self) -> list[tuple[CompiledRule, int, int, list[int]]]:
        """Each rule with where its values stand among all, and which of the distinct conditions are its own."""
        places = {tree: place for place, tree in enumerate(self._conditions)}
        parts, at = [], 0
        for rule in self.rules:
            until = at + len(rule.all_trees)
            parts.append((rule, at, until, [places[tree] for tree in rule.trees]))
            at = until
        return parts

    @cached_property
    def _conditions(self) -> list[Node]:
        return list(dict.fromkeys(tree for rule in self.rules for tree in rule.trees))

    def _blame(self, place: int) -> Blame:
        found = self._blames.get(place)
        if found is None:
            found = self._blames[place] = Blame(self._conditions[place], self._names)
        return found

    @cached_property
    def _blames(self) -> dict[int, Blame]:
        return {}
