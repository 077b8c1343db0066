"""Makes a compiled rule of a pack among the packs in force, as it stands on a day.

Raises CannotCompile, NoValueThen, PackNotFound, NoSuchElement.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from yiwang.kernel.elements import queries as elements
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.packs.contracts import Pack, Text
from yiwang.kernel.rules import _parse
from yiwang.kernel.rules._decision import Condition
from yiwang.kernel.rules._rule import AS_OF, BoundParameter, CompiledRule, Output, RuleFact
from yiwang.kernel.rules._tree import Node, facts_of
from yiwang.kernel.rules._values import FactType
from yiwang.kernel.rules.contracts import CannotCompile, NoValueThen
from yiwang.kernel.rules.kinds import PARAMETER, FactPart, ParameterPack, RulePack

SOME_DAY = date(2000, 1, 1)
AS_OF_FACT = RuleFact(AS_OF, Text("按哪一天算", "As of"), FactType("date"))


def built(pack: Pack, on: date) -> CompiledRule:
    """The rule of a pack on a day."""
    body = pack.as_type(RulePack)
    here = scope_on(body.facts, body.parameters, on)
    facts, bound, scope = here.facts, here.parameters, here.scope
    trees = tuple(scope.condition(condition.when) for condition in body.conditions)
    outputs = tuple(Output(name, part.title, scope.value(part.value), part.unit) for name, part in body.outputs.items())
    used = facts_of(*trees, *(output.tree for output in outputs))
    return CompiledRule(
        id=pack.id, version=pack.version, hash=pack.hash, title=pack.title, on=on, mode=body.mode,
        facts=(*facts, AS_OF_FACT) if AS_OF in used else facts, parameters=bound,
        conditions=tuple(_spoken(condition, bound) for condition in body.conditions),
        trees=trees, outputs=outputs, legal_basis=body.legal_basis,
    )  # fmt: skip


class Scope:
    """What the expressions of a pack may name: its facts, its parameters as literals, and the day."""

    def __init__(self, facts: tuple[RuleFact, ...], bound: tuple[BoundParameter, ...]) -> None:
        kinds = {parameter.name: _kind(parameter.value) for parameter in bound}
        self._types = {**{fact.name: fact.type.type for fact in facts}, AS_OF: "date", **kinds}
        self._values = {one.name: Node("literal", kinds[one.name], value=one.value) for one in bound}

    def condition(self, text: str) -> Node:
        """The tree of a condition. Raises CannotCompile."""
        tree = self.value(text)
        if tree.type != "bool":
            raise CannotCompile("条件算不出是非。", hint="请写成比较，如 age >= 18。")
        return tree

    def value(self, text: str) -> Node:
        """The tree of an expression of any type. Raises CannotCompile."""
        try:
            return _parse.parse(text, self._types).with_values(self._values)
        except _parse.Refused as refused:
            raise CannotCompile(refused.message, hint=refused.hint) from None


def scope_of(body: RulePack) -> tuple[Scope, tuple[RuleFact, ...]]:
    """The scope of a rule with its parameters' newest values, for checking its expressions one by one."""
    facts = tuple(fact(name, part) for name, part in body.facts.items())
    newest = {
        name: packs.get(PARAMETER, one).as_type(ParameterPack).values[-1] for name, one in body.parameters.items()
    }
    bound = tuple(bound_on(name, one, newest[name].since) for name, one in body.parameters.items())
    return Scope(facts, bound), (*facts, AS_OF_FACT)


def fact(name: str, part: FactPart) -> RuleFact:
    """A fact with its type, from its data element where it names one. Raises NoSuchElement."""
    if part.element is None:
        assert part.type is not None
        places = (2 if part.places is None else part.places) if part.type == "decimal" else 0
        return RuleFact(name, part.title or Text(name), FactType(part.type, places), None, part.unit)
    element = elements.get(part.element)
    kind = FactType(element.rule_type, element.places if element.rule_type == "decimal" else 0)
    return RuleFact(name, part.title or element.title, kind, element.id, part.unit or element.unit)


def bound_on(name: str, parameter_id: str, on: date) -> BoundParameter:
    """A parameter's value on a day. Raises NoValueThen, PackNotFound."""
    pack = packs.get(PARAMETER, parameter_id)
    body = pack.as_type(ParameterPack)
    part = body.at(on)
    if part is None:
        raise NoValueThen(
            f"参数“{pack.title}”在{on.year}年{on.month}月{on.day}日没有数。", hint=f"请在参数 {pack.id} 里补上。"
        )
    value: int | Decimal = int(part.value) if body.type == "integer" else part.value
    return BoundParameter(name, pack.id, pack.title, value, part.since, part.source, body.unit)


def newest_day(parameters: Mapping[str, str]) -> date:
    """A day on which every parameter has a value, if there is one."""
    days = [packs.get(PARAMETER, one).as_type(ParameterPack).values[-1].since for one in parameters.values()]
    return max(days, default=SOME_DAY)


def scope_on(facts: Mapping[str, FactPart], parameters: Mapping[str, str], on: date) -> "Bound":
    """What the expressions of a pack may name on a day."""
    declared = tuple(fact(name, part) for name, part in facts.items())
    bound = tuple(bound_on(name, parameter, on) for name, parameter in parameters.items())
    return Bound(declared, bound, Scope(declared, bound))


@dataclass(frozen=True, slots=True)
class Bound:
    """Facts, parameters' values and the scope they make."""

    facts: tuple[RuleFact, ...]
    parameters: tuple[BoundParameter, ...]
    scope: Scope


def _kind(value: int | Decimal) -> str:
    return "integer" if isinstance(value, int) else "decimal"


def _spoken(condition: Condition, bound: tuple[BoundParameter, ...]) -> Condition:
    """The condition with the parameters' values in its sentence."""
    values = {
        f"{{{one.name}}}": format(one.value, "f") if isinstance(one.value, Decimal) else str(one.value) for one in bound
    }
    zh, en = (_filled(text, values) for text in (str(condition.sentence), condition.sentence.en))
    return condition.model_copy(update={"sentence": Text(zh, en)})


def _filled(text: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(name, value)
    return text


def unfilled(condition: Condition, names: Mapping[str, object]) -> Iterator[str]:
    """Names in braces that are no parameter of the rule."""
    for text in (str(condition.sentence), condition.sentence.en):
        yield from (name for name in re.findall(r"\{([^{}]*)\}", text) if name not in names)
