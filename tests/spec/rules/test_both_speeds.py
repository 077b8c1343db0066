"""One record in Python and a population in SQL come to the same: answers, failed conditions, missing facts, outputs."""

import os
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from tests.spec.rules.engines import ENGINES, TYPES, by_example, in_population, in_python, rule_of
from tests.spec.rules.expressions import expressions
from tests.spec.rules.table import ROWS
from tests.spec.rules.table import TYPES as TABLE_TYPES
from yiwang.kernel.rules import _parse
from yiwang.kernel.rules._decision import Mode
from yiwang.kernel.rules._tree import Node
from yiwang.kernel.rules.contracts import CannotLower

TEXTS = st.tuples(
    st.lists(expressions("bool"), min_size=1, max_size=4),
    st.tuples(*(expressions(kind) for kind in ("bool", "number", "date", "text"))),
    st.sampled_from(list(Mode)),
)
MANY = int(os.environ.get("YIWANG_RULES_EXAMPLES", "1500"))
QUIET = [HealthCheck.filter_too_much, HealthCheck.too_slow, HealthCheck.data_too_large]
Texts = tuple[list[str], tuple[str, ...], Mode]


def decided_alike(engine: str, texts: Texts) -> None:
    conditions, outputs, mode = texts
    rule = rule_of([_parse.parse(text, TYPES) for text in conditions], [_parse.parse(t, TYPES) for t in outputs], mode)
    try:
        rule.sql(engine)
    except CannotLower:
        assume(False)
    pairs = zip(in_python(rule), ENGINES[engine](rule), strict=True)
    assert [pair for pair in pairs if pair[0] != pair[1]] == []


# As a column these cannot be held: DuckDB's answer for them is "unknown", as a rule's at the counter is.
BEYOND = {"income * 3 > 299999999999999999.9997", "income * 3 = 299999999999999999.9997"}


# A rule's day is never unknown.
DATED = [row for row in ROWS if "as_of" not in row[0] or "as_of" in row[1]]


@pytest.mark.parametrize(("text", "facts", "answer"), DATED, ids=[row[0] for row in DATED])
def test_the_language_by_example_in_duckdb(text: str, facts: dict[str, object], answer: object) -> None:
    assert by_example(text, facts, TABLE_TYPES) is (None if text in BEYOND else answer)


@settings(max_examples=25, suppress_health_check=QUIET)
@example(texts=(["true"], ("true", "0", "date '2024-02-29'", "'张三'"), Mode.ALL))
@given(texts=TEXTS)
def test_random_rules_are_decided_alike(texts: Texts) -> None:
    decided_alike("duckdb", texts)


def decided_alike_together(texts: Texts) -> None:
    """Rules that share conditions: some must be fulfilled, all, or it is said of them what a table would."""
    conditions, outputs, _ = texts
    trees = [_parse.parse(text, TYPES) for text in conditions]
    results = [_parse.parse(text, TYPES) for text in outputs]
    chosen = [part for tree in trees for part in (tree, Node("literal", "bool", value=True))]
    chosen += [part for tree in trees for part in (Node("is-null", "bool", (tree,)), Node("literal", "bool"))]
    first = Node("case", "bool", (*chosen, Node("literal", "bool", value=False)))
    rules = [rule_of(trees, results, mode) for mode in Mode] + [replace(rule_of(trees, []), answer_tree=first)]
    try:
        found = in_population(*rules)
    except CannotLower:
        assume(False)
    for rule, rows in zip(rules, found, strict=True):
        assert [pair for pair in zip(in_python(rule), rows, strict=True) if pair[0] != pair[1]] == []


@settings(max_examples=12, suppress_health_check=QUIET)
@given(texts=TEXTS)
def test_random_rules_are_decided_alike_together(texts: Texts) -> None:
    decided_alike_together(texts)


@pytest.mark.slow
@settings(max_examples=MANY, suppress_health_check=QUIET)
@given(texts=TEXTS)
def test_many_random_rules_are_decided_alike_together(texts: Texts) -> None:
    decided_alike_together(texts)


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
@settings(max_examples=MANY, suppress_health_check=QUIET)
@given(texts=TEXTS)
def test_many_random_rules_are_decided_alike_on_every_engine_there_is(engine: str, texts: Texts) -> None:
    decided_alike(engine, texts)
