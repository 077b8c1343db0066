"""A decision says which condition held, which failed and which lacks a fact."""

import time

import pytest

from yiwang.kernel.packs.contracts import LegalBasis, Text
from yiwang.kernel.rules import queries
from yiwang.kernel.rules.contracts import Answer, CannotCompile, Condition

TYPES = {"age": "integer", "married": "bool", "income": "decimal", "sex": "code"}
ADULT = Condition(
    code="adult",
    sentence=Text("年满十八周岁", "18 or older"),
    when="age >= 18",
    basis=LegalBasis(title="民法典", article="十七"),
)
MARRIED = Condition(code="married", sentence=Text("已婚"), when="married")
POOR = Condition(code="poor", sentence=Text("收入不高于上限"), when="income <= 1000 or sex = '2'")
RULE = (ADULT, MARRIED, POOR)


@pytest.mark.parametrize(
    ("facts", "mode", "answer", "missing"),
    [
        ({"age": 18, "married": True, "income": 1}, "all", "met", ()),
        ({"age": 17, "married": True, "income": 1}, "all", "not-met", ()),
        ({"age": 17}, "all", "not-met", ()),
        ({"age": 18, "married": True}, "all", "unknown", ("income", "sex")),
        ({"age": 18, "married": True, "sex": "1"}, "all", "unknown", ("income",)),
        ({"age": 18, "married": True, "sex": "2"}, "all", "met", ()),
        ({}, "all", "unknown", ("age", "income", "married", "sex")),
        ({"age": 18}, "any", "met", ()),
        ({"age": 17, "married": False, "income": 1001, "sex": "1"}, "any", "not-met", ()),
        ({"age": 17, "married": False, "income": 1001}, "any", "unknown", ("sex",)),
    ],
)
def test_a_rule_is_decided(facts: dict[str, object], mode: str, answer: str, missing: tuple[str, ...]) -> None:
    decision = queries.decide(RULE, facts, mode, types=TYPES)
    assert (decision.answer, decision.missing) == (answer, missing)


def test_each_condition_gives_its_reason() -> None:
    adult, married, poor = queries.decide(RULE, {"age": 17, "married": True}, types=TYPES).reasons
    assert (adult.code, adult.answer, adult.sentence, adult.basis) == (
        "adult",
        Answer.NOT_MET,
        "年满十八周岁",
        ADULT.basis,
    )
    assert (married.answer, married.missing) == (Answer.MET, ())
    assert (poor.answer, poor.missing) == (Answer.UNKNOWN, ("income", "sex"))


def test_no_condition_is_met_by_all_and_by_none() -> None:
    assert queries.decide((), {}, "all", types={}).answer == Answer.MET
    assert queries.decide((), {}, "any", types={}).answer == Answer.NOT_MET


@pytest.mark.parametrize(
    ("text", "facts", "missing"),
    [
        ("case when married then age > 1 else income > 1 end", {"married": True}, ("age",)),
        ("case when married then age > 1 else income > 1 end", {}, ("income", "married")),
        ("case when married then age > 1 else income > 1 end", {"income": 2}, ()),
        ("coalesce(age, income) > 1", {}, ("age", "income")),
        ("age > 1 and married", {"age": 2}, ("married",)),
        ("age > 1 and married", {"age": 0}, ()),
        ("age + income > 1", {"income": 1}, ("age",)),
        ("age is null", {}, ()),
    ],
)
def test_only_the_facts_that_matter_are_missing(text: str, facts: dict[str, object], missing: tuple[str, ...]) -> None:
    assert queries.compile(text, TYPES).missing(facts) == missing


def test_an_expression_knows_its_facts_and_is_compiled_once() -> None:
    expression = queries.compile("age >= 18 and (sex = '1' or age is null)", TYPES)
    assert expression.facts == {"age", "sex"}
    assert queries.compile("age >= 18 and (sex = '1' or age is null)", dict(TYPES)) is expression


def test_types_come_from_data_elements() -> None:
    types = queries.types_of(
        {"born": "birth.born-at", "weight": "birth.weight-grams", "sex": "birth.sex", "name": "birth.child-name"}
    )
    assert types == {"born": "date", "weight": "integer", "sex": "code", "name": "text"}
    assert queries.compile("weight < 2500 and sex = '1'", types).evaluate({"weight": 2400, "sex": "1"}) is True


def test_a_type_nobody_knows_is_refused() -> None:
    with pytest.raises(CannotCompile, match="类型“float”不对"):
        queries.compile("x > 1", {"x": "float"})


@pytest.mark.slow
def test_one_record_is_decided_in_microseconds() -> None:
    facts = {"age": 18, "married": True, "income": "999.5", "sex": "1"}
    queries.decide(RULE, facts, types=TYPES)
    begun = time.process_time()
    for _ in range(2000):
        queries.decide(RULE, facts, types=TYPES)
    assert (time.process_time() - begun) / 2000 < 0.0005
