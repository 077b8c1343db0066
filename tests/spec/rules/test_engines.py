"""Every operation of the language, with and without missing facts, on every engine that is installed: alike with Python."""

import pytest

from tests.spec.rules.engines import ENGINES, TYPES, in_python, rule_of
from yiwang.kernel.rules import _parse
from yiwang.kernel.rules._decision import Mode
from yiwang.kernel.rules.contracts import CannotLower

CONDITIONS = (
    "n + m > k", "n * m >= k * 3", "x * y > 1000.5", "x + y <> n", "x - 0.5 <= y", "n in (1, -3, 7, 0.50)",
    "name in ('张三', 'a''b', 'a\\b')", "name = '𠮷野'", "grade <> '1'", "p and q", "p or q", "not p", "p = q", "n is null",
    "name is not null", "born <= since", "born = date '2024-02-29'", "years_between(born, as_of) >= 18",
    "years_between(since, born) < 2", "days_between(born, since) > 365", "born between '2000-01-01' and since",
    "coalesce(n, m) > 2", "coalesce(p, q, false)", "case when p then n > 1 when q then m > 1 else k > 1 end", "len(name) = 2",
    "least(n, m, k) < 3", "greatest(x, y) > n", "quotient(n, m, 2, 'half-up') > 0.5", "quotient(x, k, 0, 'down') = 0",
    "rounded(x, 1, 'up') <> x", "least(born, since) = born", "days_between(greatest(born, since), as_of) > 0", "-n < m",
    "n * 1000000000 > m",
)  # fmt: skip
OUTPUTS = (
    "n + m", "n * m", "x * y", "x + 1", "quotient(x, m, 2, 'half-up')", "quotient(n, 7, 3, 'down')", "quotient(-n, 7, 0, 'up')",
    "rounded(y, 2, 'half-up')", "rounded(n, 0, 'down')", "least(x, y, n)", "greatest(n, x)", "coalesce(x, y, 0)",
    "case when p then x else n end", "years_between(born, since)", "days_between(born, since)", "born", "least(born, since)",
    "greatest(born, as_of)", "coalesce(born, since)", "len(name)", "name", "coalesce(grade, name)", "p", "not q", "-x",
    "case when q then born else since end",
)  # fmt: skip
# Its quotients have at most 18 digits.
REFUSED = {"spark": {"quotient(n, m, 2, 'half-up') > 0.5", "quotient(n, 7, 3, 'down')"}}


@pytest.mark.parametrize(
    "engine", [pytest.param(name, marks=() if name == "duckdb" else pytest.mark.slow) for name in ENGINES]
)
def test_every_operation_comes_to_the_same(engine: str) -> None:
    refused = REFUSED.get(engine, set())
    held = [_parse.parse(text, TYPES) for text in CONDITIONS if text not in refused]
    made = [_parse.parse(text, TYPES) for text in OUTPUTS if text not in refused]
    always = _parse.parse("p or p is null", TYPES)
    for rule in (rule_of(held[:17], []), rule_of(held[17:], [], Mode.ANY), rule_of([always], made)):
        pairs = zip(in_python(rule), ENGINES[engine](rule), strict=True)
        assert [pair for pair in pairs if pair[0] != pair[1]] == []
    for text in refused:
        with pytest.raises(CannotLower):
            rule_of([always], [_parse.parse(text, TYPES)]).sql(engine)
