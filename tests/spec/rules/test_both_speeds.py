"""One record in Python and a population in SQL come to the same: answers, failed conditions, missing facts, outputs."""

import os

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.spec.rules.engines import ENGINES, TYPES, in_python, rule_of
from tests.spec.rules.expressions import expressions
from yiwang.kernel.rules import _parse
from yiwang.kernel.rules._decision import Mode
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


@settings(max_examples=12, suppress_health_check=QUIET)
@given(texts=TEXTS)
def test_random_rules_are_decided_alike(texts: Texts) -> None:
    decided_alike("duckdb", texts)


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
@settings(max_examples=MANY, suppress_health_check=QUIET)
@given(texts=TEXTS)
def test_many_random_rules_are_decided_alike_on_every_engine_there_is(engine: str, texts: Texts) -> None:
    decided_alike(engine, texts)
