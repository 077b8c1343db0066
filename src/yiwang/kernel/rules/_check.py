"""What `packs check` asks of rules, tables and derived facts, and how it runs their worked examples."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from functools import partial

from yiwang.kernel.base.contracts import YiwangError
from yiwang.kernel.elements import queries as elements
from yiwang.kernel.packs import queries as packs_queries
from yiwang.kernel.packs.contracts import Pack, PackSet, Problem
from yiwang.kernel.rules import _build, _derived, _tables
from yiwang.kernel.rules._decision import Answer, Decision
from yiwang.kernel.rules._dialects import DIALECTS
from yiwang.kernel.rules._rule import AS_OF, CompiledRule, RuleFact
from yiwang.kernel.rules._sql import Lowering
from yiwang.kernel.rules._tree import Node
from yiwang.kernel.rules._values import READ
from yiwang.kernel.rules.kinds import (
    PARAMETER,
    DecisionTablePack,
    DerivedFactPack,
    FactPart,
    RuleExample,
    RulePack,
)


def rule_holds_together(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    """Every fact and parameter is there, every expression compiles, at both speeds; examples stand on both sides."""
    body = pack.as_type(RulePack)
    with packs_queries.using(packs):
        found = list(_unknown_names(pack, "facts", body.facts, body.parameters)) + list(_unfilled(pack))
        found = found or list(_expressions(pack))
    sides = {example.then for example in body.examples}
    if not found and not {Answer.MET, Answer.NOT_MET} <= sides:
        lacking = "符合（met）" if Answer.MET not in sides else "不符合（not-met）"
        found.append(pack.problem("examples", f"没有{lacking}的例子。", "规则的两边都要有例子。"))
    return found


def table_holds_together(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    """Every cell fits its input or output; no gap, and no overlap where only one row may apply, as far as that can be tried out."""
    body = pack.as_type(DecisionTablePack)
    with packs_queries.using(packs):
        found = list(_unknown_names(pack, "facts", body.facts, body.parameters))
        return (
            found
            or list(_whole(pack, "rows", body.parameters, lambda on: _lowered(_tables.built(pack, on))))
            or [
                pack.problem("rows", what, "请补上或改窄一行；确实不用管到的，写 partial: true。")
                for what in _tables.untried(pack, _build.newest_day(body.parameters))
            ]
        )


def derived_holds_together(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    """The text is one SELECT over the declared columns, at both speeds."""
    body = pack.as_type(DerivedFactPack)
    with packs_queries.using(packs):
        found = list(_unknown_names(pack, "relation.columns", body.relation.columns, body.parameters))
        return found or list(_whole(pack, "sql", body.parameters, lambda on: _lowered(_derived.built(pack, on))))


def derived_examples_hold(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    """Each example's children come to what it says."""
    with packs_queries.using(packs):
        return list(_children_differ(pack))


def _children_differ(pack: Pack) -> Iterator[Problem]:
    body = pack.as_type(DerivedFactPack)
    for index, example in enumerate(body.examples):
        try:
            came = _derived.built(pack, example.on or _build.newest_day(body.parameters)).value(example.given)
        except YiwangError:
            return  # said of the text already
        if came != (None if example.value is None else READ[body.type](example.value)):
            yield pack.problem(("examples", index, "value"), f"算出来是 {came}。", "请核对例子或 sql。")


def _whole(pack: Pack, where: str, parameters: Mapping[str, str], trying: Callable[[date], None]) -> Iterator[Problem]:
    try:
        trying(_build.newest_day(parameters))
    except YiwangError as error:
        yield pack.problem(where, error.message, error.hint)


def _lowered(built: "CompiledRule | _derived.DerivedFact") -> None:
    for dialect in DIALECTS:
        built.sql(dialect)


def rule_examples_hold(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    """Each example comes to what it says."""
    with packs_queries.using(packs):
        body = pack.as_type(RulePack)
        needs_day = bool(body.parameters) or _names_the_day(body)
        return [p for n, one in enumerate(body.examples) for p in _example(pack, n, one, needs_day, _build.built)]


def table_examples_hold(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    """Each example comes to what it says."""
    with packs_queries.using(packs):
        body = pack.as_type(DecisionTablePack)
        needs_day = bool(body.parameters)
        return [p for n, one in enumerate(body.examples) for p in _example(pack, n, one, needs_day, _tables.built)]


def _example(
    pack: Pack, index: int, example: RuleExample, needs_day: bool, build: Callable[[Pack, date], CompiledRule]
) -> Iterator[Problem]:
    where = ("examples", index)
    if example.on is None and needs_day:
        yield pack.problem(where, "没有写按哪一天算。", "请写 on，如 on: 2026-09-24。")
        return
    try:
        rule = build(pack, example.on or _build.SOME_DAY)
    except YiwangError as error:
        yield pack.problem(where, error.message, error.hint)
        return
    for part, what in _differences(rule, example):
        yield pack.problem((*where, *part), what, "请核对例子或条件。")


def _unknown_names(
    pack: Pack, where: str, facts: Mapping[str, FactPart], parameters: Mapping[str, str]
) -> Iterator[Problem]:
    for name, part in facts.items():
        if part.element and not elements.find(part.element):
            yield pack.problem(
                (*where.split("."), name), f"没有数据元“{part.element}”。", "请核对 id，或写 type 和 title。"
            )
    for name, parameter in parameters.items():
        if not packs_queries.find(PARAMETER, parameter):
            yield pack.problem(("parameters", name), f"没有参数“{parameter}”。", "请核对 id，或先写这个参数。")


def _unfilled(pack: Pack) -> Iterator[Problem]:
    body = pack.as_type(RulePack)
    for index, condition in enumerate(body.conditions):
        for name in _build.unfilled(condition, body.parameters):
            where = ("conditions", index, "sentence")
            yield pack.problem(where, f"句子里的“{{{name}}}”不是参数。", "花括号里写 parameters 里的名称。")


def _expressions(pack: Pack) -> Iterator[Problem]:
    """Each expression compiles, and can be worked out over a column as well as for one record."""
    body = pack.as_type(RulePack)
    scope, facts = _build.scope_of(body)
    for index, condition in enumerate(body.conditions):
        yield from _refused(pack, ("conditions", index, "when"), facts, partial(scope.condition, condition.when))
    for name, part in body.outputs.items():
        yield from _refused(pack, ("outputs", name, "value"), facts, partial(scope.value, part.value))


def _refused(
    pack: Pack, where: tuple[str | int, ...], facts: tuple[RuleFact, ...], compiling: Callable[[], Node]
) -> Iterator[Problem]:
    types = {fact.name: fact.type for fact in facts}
    try:
        tree = compiling()
        for dialect in DIALECTS.values():
            Lowering(dialect, dict.fromkeys(types, "x"), types).cell(tree)
    except YiwangError as error:
        yield pack.problem(where, error.message, error.hint)


def _names_the_day(body: RulePack) -> bool:
    texts = [condition.when for condition in body.conditions] + [part.value for part in body.outputs.values()]
    return any(AS_OF in text for text in texts)


def _differences(rule: CompiledRule, example: RuleExample) -> Iterator[tuple[tuple[str, ...], str]]:
    """Where an example and what came of it differ."""
    for name, value in example.given.items():
        if name not in rule.fact_names:
            yield ("given", name), f"规则没有事实“{name}”。"
        elif value is not None and rule.values(example.given)[name] is None:
            yield ("given", name), f"“{value}”不是{rule.fact(name).type.type}。"
    came = rule.decide(example.given)
    if came.answer is not example.then:
        yield ("then",), f"算出来是 {came.answer}（{_because(came)}）。"
    if example.failed is not None and set(example.failed) != set(came.failed):
        yield ("failed",), f"算出来没有通过的是 {'、'.join(came.failed) or '无'}。"
    if example.missing is not None and set(example.missing) != set(came.missing):
        yield ("missing",), f"算出来缺的是 {'、'.join(came.missing) or '无'}。"
    for name, value in (example.outputs or {}).items():
        yield from _output_differs(rule, came, name, value)


def _output_differs(
    rule: CompiledRule, came: Decision, name: str, value: object
) -> Iterator[tuple[tuple[str, ...], str]]:
    output = next((output for output in rule.outputs if output.name == name), None)
    if output is None:
        yield ("outputs", name), f"规则没有结果“{name}”。"
    elif (got := came.outputs.get(name)) != (None if value is None else READ[output.tree.type](value)):
        yield ("outputs", name), f"算出来是 {got}。"


def _because(decision: Decision) -> str:
    if decision.failed:
        return f"没有通过 {'、'.join(decision.failed)}"
    return f"缺 {'、'.join(decision.missing)}" if decision.missing else "条件都通过"
