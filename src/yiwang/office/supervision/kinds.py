"""The pack kind CardPolicy: which facts bring which card, who issues it, how it is numbered, what it scores."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from yiwang.kernel.packs.contracts import Pack, PackId, PackModel, PackPart, PackSet, Problem, register
from yiwang.kernel.rules import queries as rules
from yiwang.kernel.rules.contracts import CannotCompile, Condition
from yiwang.kernel.workdays.contracts import Limit
from yiwang.office.supervision.contracts import Colour

POLICY, FLOW = "CardPolicy", "Flow"
FACTS = {
    "event": "text",  # overdue | urged
    "over_days": "integer",  # 1 on the first work day after the last one of the limit, 0 before it
    "kind": "text",  # kind of case
    "level": "text",  # step: a step's own limit; case: one over the whole case
    "clock": "text",  # the limit's name
    "urged_times": "integer",
    "same_unit_this_month": "integer",  # cards of the unit this month that were not dropped or lifted
}


class CardRule(Condition):
    """A condition over `FACTS`, and the card that it brings; `at_once` without waiting for a supervisor."""

    card: Colour
    at_once: bool = False


class CardExample(PackPart):
    """With these facts this card, or none."""

    name: str
    given: Mapping[str, Any]
    then: Colour | None = None


class CardPolicy(PackModel):
    """Rules are asked in their order, the first that holds decides. `limits` go to the clocks of the card's flow."""

    kind_title: ClassVar[str] = "发牌规则"
    field_names: ClassVar = {
        "flow": "牌的流程", "issuer": "发牌单位", "limits": "时限", "numbers": "编号", "scores": "扣分",
        "ignores": "不发牌的办件种类", "rules": "规则", "card": "发什么牌", "at_once": "立即核发", "code": "代码",
        "sentence": "条件说明", "when": "条件", "basis": "依据", "given": "已知", "then": "应得",
    }  # fmt: skip

    overridable: ClassVar[frozenset[str]] = frozenset({"flow", "limits", "numbers", "scores", "ignores", "rules"})

    flow: PackId
    issuer: str = "supervision"
    limits: Mapping[str, Limit]
    numbers: Mapping[Colour, Annotated[str, Field(pattern=r"\{n\}", max_length=40)]]
    scores: Mapping[Colour, Annotated[int, Field(ge=0, le=100)]]
    ignores: tuple[str, ...] = ()
    rules: Annotated[tuple[CardRule, ...], Field(min_length=1)]
    examples: tuple[CardExample, ...] = ()

    def judge(self, facts: Mapping[str, object]) -> CardRule | None:
        """The first rule that holds; None when none does."""
        return next((rule for rule in self.rules if rules.compile(rule.when, FACTS).evaluate(facts) is True), None)


def check(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    """Every condition is one over our facts, and the flow is there."""
    body = pack.as_type(CardPolicy)
    if packs.find(FLOW, body.flow) is None:
        yield pack.problem("flow", f"没有流程“{body.flow}”。", "请核对流程的编号。")
    for index, rule in enumerate(body.rules):
        try:
            rules.compile(rule.when, FACTS)
        except CannotCompile as error:
            yield rules.problem(pack, ("rules", index, "when"), error)
    for colour in (Colour.YELLOW, Colour.RED):
        if colour not in body.numbers or colour not in body.scores:
            yield pack.problem("numbers", f"没有写{colour}的编号或分值。", "请在 numbers 和 scores 里写明。")


def examples_hold(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    """Each example brings the card that it says."""
    body = pack.as_type(CardPolicy)
    if any(True for _ in check(pack, packs)):
        return
    blank: dict[str, object] = {name: 0 if kind == "integer" else "" for name, kind in FACTS.items()}
    for index, example in enumerate(body.examples):
        rule = body.judge(blank | dict(example.given))
        came = rule.card if rule else None
        if came != example.then:
            yield pack.problem(("examples", index, "then"), f"算出来是 {came or '不发牌'}。", "请核对例子或规则。")


def register_kinds() -> None:
    register(POLICY, CardPolicy, check=check, examples=examples_hold)
