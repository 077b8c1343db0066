"""Rules of the packs as the scan takes them: an element's for each column that carries it, a resource's for its own."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import sqlglot
from sqlglot import exp

from yiwang.data.quality.contracts import (
    Agrees,
    Ask,
    Holds,
    NothingToInspect,
    Present,
    Rule,
    Trait,
    Unique,
    Valid,
    Within,
)
from yiwang.data.quality.kinds import POLICY, RULES, VALUE, QualityPolicy, RulePart, RulesPack
from yiwang.kernel.elements import queries as elements
from yiwang.kernel.elements.contracts import CodeList, Element
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.packs.contracts import Pack


@dataclass(frozen=True, slots=True)
class Carried:
    """A column of a resource: which element it carries, whether it is part of the key."""

    name: str
    title: str
    element_id: str = ""
    is_key: bool = False


def policy() -> QualityPolicy:
    """The one way of judging in force. Raises NothingToInspect."""
    found = packs.all_of(POLICY)
    if not found:
        raise NothingToInspect("没有质量评价办法。", hint="请在配置包里写一个 QualityPolicy。")
    return found[0].as_type(QualityPolicy)


def rules_of(resource: str, columns: Iterable[Carried]) -> list[Rule]:
    """Every rule that applies to a resource, a code once; a column whose element no pack speaks of is held to its definition."""
    packed = packs.all_of(RULES)
    of_elements = {pack.as_type(RulesPack).element: pack for pack in packed if pack.as_type(RulesPack).element}
    found: dict[str, Rule] = {}
    for column in columns:
        for rule in _of_column(column, of_elements.get(column.element_id)):
            found.setdefault(rule.code, rule)
    for pack in packed:
        if pack.as_type(RulesPack).resource == resource:
            for part in pack.as_type(RulesPack).rules:
                found[part.code] = of_resource(pack, part)
    keys = tuple(column.name for column in columns if column.is_key)
    if keys and not any(isinstance(rule.ask, Unique) for rule in found.values()):
        sentence = f"{'、'.join(column.title for column in columns if column.is_key)}不重复"
        found["key-unique"] = Rule("key-unique", sentence, Trait.UNIQUENESS, Unique(keys))
    return list(found.values())


def _of_column(column: Carried, pack: Pack | None) -> Iterator[Rule]:
    if pack is not None:
        for part in pack.as_type(RulesPack).rules:
            yield of_element(pack, part, column.name, column.title)
    elif column.element_id and (element := elements.find(column.element_id)):
        ask = Valid(column.name, element, codes_of(element))
        yield Rule(f"{column.name}.valid", f"{column.title}符合数据元“{element.title}”的规定", Trait.VALIDITY, ask)
    if column.is_key and not (pack and any(part.present for part in pack.as_type(RulesPack).rules)):
        yield Rule(f"{column.name}.present", f"{column.title}不为空", Trait.COMPLETENESS, Present(column.name))


def of_element(pack: Pack, part: RulePart, column: str, title: str = "") -> Rule:
    """An element's rule put to a column."""
    element = elements.get(pack.as_type(RulesPack).element or "")
    ask: Ask
    if part.present:
        ask = Present(column)
    elif part.valid:
        ask = Valid(column, element, codes_of(element), part.valid if isinstance(part.valid, tuple) else ())
    elif part.when:
        ask = Holds(_put_to(part.when, column))
    elif part.within:
        ask = Within(column, part.within.resource, part.within.item)
    else:
        ask = Unique((column,))
    sentence = f"{title}：{part.sentence}" if title else part.sentence
    return Rule(f"{column}.{part.code}", sentence[:200], part.trait, ask, part.weight, pack.id)


def of_resource(pack: Pack, part: RulePart) -> Rule:
    """A resource's own rule."""
    body, column = pack.as_type(RulesPack), part.column or ""
    ask: Ask
    if part.present:
        ask = Present(column)
    elif part.valid:
        named = body.columns.get(column)
        element = elements.get(named if isinstance(named, str) else "")
        ask = Valid(column, element, codes_of(element), part.valid if isinstance(part.valid, tuple) else ())
    elif part.when:
        ask = Holds(part.when)
    elif part.within:
        ask = Within(column, part.within.resource, part.within.item)
    elif part.agrees:
        ask = Agrees(column, part.agrees.resource, part.agrees.item, tuple(part.agrees.on.items()))
    else:
        ask = Unique(part.unique if isinstance(part.unique, tuple) else (column,))
    return Rule(part.code, part.sentence, part.trait, ask, part.weight, pack.id)


def codes_of(element: Element) -> CodeList | None:
    return elements.code_list(element.code_list) if element.code_list else None


def _put_to(when: str, column: str) -> str:
    """The condition over `value` as one over a column; what cannot be read is said where it is compiled."""

    def renamed(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Column) and node.name == VALUE and not node.table:
            return exp.column(column, quoted=True)
        return node

    try:
        return sqlglot.parse_one(when, dialect="duckdb").transform(renamed).sql(dialect="duckdb")
    except sqlglot.errors.SqlglotError:
        return when


def types_of(body: RulesPack) -> Mapping[str, tuple[str, int]]:
    """The declared columns with their types and places of kernel.rules."""
    found: dict[str, tuple[str, int]] = {}
    for name, part in body.columns.items():
        if isinstance(part, str):
            element = elements.get(part)
            kind = element.rule_type
            found[name] = ("text" if kind == "code" else kind, element.places)
        else:
            found[name] = (part.type, part.places)
    return found
