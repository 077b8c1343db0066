"""Trying a rule: its form, what facts come to, its own examples; nothing is kept."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from yiwang.kernel.elements import queries as elements
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.packs.contracts import LegalBasis, Pack
from yiwang.kernel.rules._decision import Answer, Decision
from yiwang.kernel.rules._rule import AS_OF, CompiledRule, RuleFact

YES_NO = (("true", "是"), ("false", "否"))
_INPUT = {"bool": "radio", "date": "date"}


@dataclass(frozen=True, slots=True)
class Listed:
    """A rule or decision table in force: since when this content is, and what it rests on."""

    pack: Pack
    kind_title: str
    since: datetime | None  # None where packs are read from a folder
    basis: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A fact as a question of the form."""

    name: str
    title: str
    unit: str
    input: str  # radio, select, date or text
    choices: tuple[tuple[str, str], ...]
    value: str


@dataclass(frozen=True, slots=True)
class Used:
    """A fact that a condition is over, as the rule read it."""

    title: str
    shown: str
    is_missing: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One condition: its words, its law, and, once tried, what it came to over which facts."""

    code: str
    sentence: str
    when: str
    basis: str
    answer: Answer | None = None
    used: tuple[Used, ...] = ()


@dataclass(frozen=True, slots=True)
class Worth:
    """A parameter on the day, or a result."""

    title: str
    shown: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    number: int
    title: str
    then: Answer


@dataclass(frozen=True, slots=True)
class Trial:
    """A rule on a day with the form to try it and, where facts were given, what they come to."""

    rule: CompiledRule
    asked: tuple[Asked, ...]
    lines: tuple[Line, ...]
    parameters: tuple[Worth, ...]
    examples: tuple[Example, ...]
    decision: Decision | None
    missing: tuple[str, ...]
    outputs: tuple[Worth, ...]


def listed() -> list[Listed]:
    """Every rule and table in force, by title; one query."""
    found = sorted([*packs.all_of("Rule"), *packs.all_of("DecisionTable")], key=lambda pack: str(pack.title))
    since = packs.loaded_at(found)
    return [
        Listed(pack, pack.body.kind_title, since.get((pack.kind, pack.id, pack.hash)), laws(pack)) for pack in found
    ]


def by_law(found: Iterable[Listed]) -> list[tuple[str, list[Listed]]]:
    """The rules under the law that each rests on first; those that name none come last."""
    groups: dict[str, list[Listed]] = defaultdict(list)
    for each in found:
        first = next(iter(each.pack.body.legal_basis), None)
        groups[f"《{first.title}》" if first else ""].append(each)
    return [
        (title or "没有写依据", rules) for title, rules in sorted(groups.items(), key=lambda one: (not one[0], one[0]))
    ]


def tried(rule: CompiledRule, pack: Pack, facts: Mapping[str, object] | None) -> Trial:
    """The rule with what these facts come to; with None only the form."""
    decision = rule.decide(facts) if facts is not None else None
    values = rule.values(facts or {})
    return Trial(
        rule=rule,
        asked=tuple(_asked(fact, (facts or {}).get(fact.name)) for fact in rule.facts if fact.name != AS_OF),
        lines=tuple(_lines(rule, decision, values)),
        parameters=tuple(
            Worth(str(each.title), f"{_shown(each.value)}{each.unit}", f"{each.since} 起，{law(each.source)}")
            for each in rule.parameters
        ),
        examples=tuple(
            Example(n, str(each.title or _said(rule, each.given) or "什么都没填"), each.then)
            for n, each in enumerate(pack.body.examples)
        ),
        decision=decision,
        missing=tuple(str(rule.fact(name).title) for name in decision.missing) if decision else (),
        outputs=tuple(_outputs(rule, decision)),
    )


def example(pack: Pack, number: int) -> tuple[dict[str, Any], date | None] | None:
    """The facts and the day of one of the pack's own examples; None when there is none of this number."""
    found: Sequence[Any] = pack.body.examples
    if not 0 <= number < len(found):
        return None
    return {name: _written(value) for name, value in found[number].given.items()}, found[number].on


def laws(pack: Pack) -> tuple[str, ...]:
    """What a rule rests on."""
    return tuple(map(law, pack.body.legal_basis))


def law(basis: LegalBasis | None) -> str:
    """《law》第n条, or its number."""
    if basis is None:
        return ""
    return f"《{basis.title}》{f'第{basis.article}条' if basis.article else basis.document_no}"


def _asked(fact: RuleFact, value: object) -> Asked:
    choices: tuple[tuple[str, str], ...] = YES_NO if fact.type.type == "bool" else ()
    element = elements.find(fact.element) if fact.element else None
    if element is not None and element.code_list and fact.type.type == "code":
        choices = tuple((item.code, str(item.name)) for item in elements.code_list(element.code_list).items)
    kind = _INPUT.get(fact.type.type, "select" if choices else "text")
    return Asked(fact.name, str(fact.title), fact.unit, kind, choices, _written(value))


def _lines(rule: CompiledRule, decision: Decision | None, values: Mapping[str, Any]) -> list[Line]:
    if decision is None:
        return [Line(each.code, str(each.sentence), each.when, law(each.basis)) for each in rule.conditions]
    when = {each.code: each.when for each in rule.conditions}
    return [
        Line(
            reason.code,
            str(reason.sentence),
            when[reason.code],
            law(reason.basis),
            reason.answer,
            tuple(
                Used(str(rule.fact(name).title), _shown(values[name]), values[name] is None)
                for name in rule.named_by(reason.code)
            ),
        )
        for reason in decision.reasons
    ]


def _outputs(rule: CompiledRule, decision: Decision | None) -> list[Worth]:
    if decision is None or decision.answer is not Answer.MET:
        return []
    return [
        Worth(str(each.title), f"{_shown(decision.outputs[each.name])}{each.unit}")
        for each in rule.outputs
        if each.name in decision.outputs
    ]


def _said(rule: CompiledRule, given: Mapping[str, Any]) -> str:
    titles = {fact.name: str(fact.title) for fact in rule.facts}
    return "，".join(f"{titles.get(name, name)}{_shown(value)}" for name, value in list(given.items())[:4])


def _shown(value: object) -> str:
    if value is None:
        return "未知"
    if isinstance(value, bool):
        return "是" if value else "否"
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _written(value: object) -> str:
    """As a field of a form holds it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return format(value, "f") if isinstance(value, Decimal) else str(value)
