"""What `packs check` asks of parameters and rules, and how it runs a rule's worked examples."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import partial

from yiwang.kernel.base.contracts import YiwangError
from yiwang.kernel.elements import queries as elements
from yiwang.kernel.packs import queries as packs_queries
from yiwang.kernel.packs.contracts import Pack, PackSet, Problem
from yiwang.kernel.rules import _build
from yiwang.kernel.rules._decision import Answer, Decision
from yiwang.kernel.rules._dialects import DIALECTS
from yiwang.kernel.rules._rule import AS_OF, CompiledRule, RuleFact
from yiwang.kernel.rules._sql import Lowering
from yiwang.kernel.rules._tree import Node
from yiwang.kernel.rules._values import READ
from yiwang.kernel.rules.kinds import PARAMETER, RuleExample, RulePack

_SOME_DAY = date(2000, 1, 1)


def rule_holds_together(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    """Every fact and parameter is there, every expression compiles, at both speeds; examples stand on both sides."""
    with packs_queries.using(packs):
        found = list(_unknown_names(pack)) or list(_expressions(pack))
    sides = {example.then for example in pack.as_type(RulePack).examples}
    if not found and not {Answer.MET, Answer.NOT_MET} <= sides:
        lacking = "符合（met）" if Answer.MET not in sides else "不符合（not-met）"
        found.append(pack.problem("examples", f"没有{lacking}的例子。", "规则的两边都要有例子。"))
    return found


def rule_examples_hold(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    """Each example comes to what it says."""
    with packs_queries.using(packs):
        body = pack.as_type(RulePack)
        return [problem for index, one in enumerate(body.examples) for problem in _example(pack, index, one)]


def _example(pack: Pack, index: int, example: RuleExample) -> Iterator[Problem]:
    body = pack.as_type(RulePack)
    where = ("examples", index)
    if example.on is None and (body.parameters or _names_the_day(body)):
        yield pack.problem(where, "没有写按哪一天算。", "请写 on，如 on: 2026-09-24。")
        return
    try:
        rule = _build.built(pack, example.on or _SOME_DAY)
    except YiwangError as error:
        yield pack.problem(where, error.message, error.hint)
        return
    for part, what in _differences(rule, example):
        yield pack.problem((*where, *part), what, "请核对例子或条件。")


def _unknown_names(pack: Pack) -> Iterator[Problem]:
    body = pack.as_type(RulePack)
    for name, part in body.facts.items():
        if part.element and not elements.find(part.element):
            yield pack.problem(("facts", name), f"没有数据元“{part.element}”。", "请核对 id，或写 type 和 title。")
    for name, parameter in body.parameters.items():
        if not packs_queries.find(PARAMETER, parameter):
            yield pack.problem(("parameters", name), f"没有参数“{parameter}”。", "请核对 id，或先写这个参数。")
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
