"""Rules and parameters as packs: what is refused and where, dated values, one record and a population."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.unit.kernel.rules.packs import RULE, WAGE, place, problems
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.packs.contracts import PackNotFound
from yiwang.kernel.rules import queries
from yiwang.kernel.rules.contracts import Answer, CannotRead, FactsDiffer, NoValueThen

DAY = date(2026, 6, 30)
FIRM: dict[str, Any] = {"employees": 10, "payroll": "20100.00", "established_on": "2025-06-30", "industry": "1"}


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Path]:
    root = place(tmp_path / "packs", WAGE, RULE)
    with packs.using(root):
        yield root


def test_a_rule_is_decided_with_its_amount(here: Path) -> None:
    decision = queries.rule("test.small-firm", on=DAY).decide(FIRM)
    assert (decision.answer, decision.failed, dict(decision.outputs)) == (
        Answer.MET,
        (),
        {"amount": Decimal("1206.00")},
    )
    assert decision.reasons[1].sentence == "人均工资不低于最低工资标准（2010元）"


def test_a_parameter_is_that_of_the_day(here: Path) -> None:
    decision = queries.rule("test.small-firm", on=date(2026, 7, 1)).decide(FIRM)
    assert (decision.answer, decision.failed) == (Answer.NOT_MET, ("paid",))
    assert decision.reasons[1].sentence == "人均工资不低于最低工资标准（2200元）"
    assert queries.parameter("test.minimum-wage", on=date(2030, 1, 1)).value == 2200  # set already for days to come


def test_before_its_first_value_a_rule_has_no_answer(here: Path) -> None:
    with pytest.raises(NoValueThen, match="2023年12月31日没有数"):
        queries.rule("test.small-firm", on=date(2023, 12, 31))


def test_the_day_is_a_fact_that_may_be_given(here: Path) -> None:
    rule = queries.rule("test.small-firm", on=DAY)
    assert rule.decide({**FIRM, "as_of": "2025-12-31"}).failed == ("settled",)


def test_a_rule_nobody_wrote(here: Path) -> None:
    with pytest.raises(PackNotFound):
        queries.rule("test.nothing", on=DAY)


def test_what_does_not_fit_a_column_is_unknown_at_the_counter_too(here: Path) -> None:
    rule = queries.rule("test.small-firm", on=DAY)
    for payroll in ("20100.001", "12345678901234567.00", "一百"):
        assert rule.decide({**FIRM, "payroll": payroll}).missing == ("payroll",)
    assert rule.decide({**FIRM, "payroll": "20100.100"}).answer is Answer.MET


@pytest.fixture
def firms() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect()
    connection.execute(
        "CREATE TABLE firms AS SELECT * FROM (VALUES "
        "('a', 10, 20100.00::DECIMAL(12, 2), DATE '2025-06-30', '1'), ('b', 301, 10.00, DATE '2025-06-30', '1'), "
        "('c', 10, 20100.00, NULL, ''), ('d', 20, 1000000.00, DATE '2020-02-29', '2')) "
        "AS t(uscc, employees, payroll, established_on, industry)"
    )
    yield connection
    connection.close()


def test_a_population_is_decided_in_one_scan(here: Path, firms: duckdb.DuckDBPyConnection) -> None:
    decided = queries.population(["test.small-firm"], on=DAY, connection=firms, table="firms", key="uscc")
    counts = decided.counts()["test.small-firm"]
    assert (counts.met, counts.not_met, counts.unknown) == (2, 1, 1)
    found = {verdict.key: verdict for verdict in decided.verdicts(list(Answer))}
    assert found["a"].outputs == {"amount": Decimal("1206.00")}
    assert found["d"].outputs == {"amount": Decimal("50000.00")}
    assert (found["b"].answer, found["b"].failed) == (Answer.NOT_MET, ("small", "paid"))
    assert (found["c"].answer, found["c"].missing) == (Answer.UNKNOWN, ("established_on", "industry"))
    assert [verdict.key for verdict in decided.verdicts()] == ["a", "d"]


def test_a_column_that_would_be_rounded_is_refused(here: Path, firms: duckdb.DuckDBPyConnection) -> None:
    firms.execute("CREATE VIEW rough AS SELECT * REPLACE (payroll::DOUBLE AS payroll) FROM firms")
    with pytest.raises(CannotRead, match="列“payroll”是 DOUBLE"):
        queries.population(["test.small-firm"], on=DAY, connection=firms, table="rough", key="uscc")
    firms.execute("CREATE VIEW bare AS SELECT * EXCLUDE (industry) FROM firms")
    with pytest.raises(CannotRead, match="列“industry”没有"):
        queries.population(["test.small-firm"], on=DAY, connection=firms, table="bare", key="uscc")
    with pytest.raises(CannotRead, match="主键"):
        queries.population(["test.small-firm"], on=DAY, connection=firms, table="firms", key="id")


def test_many_rules_read_a_record_once(tmp_path: Path) -> None:
    second = RULE.replace("test.small-firm", "test.large-firm").replace("employees <= 300", "employees > 300")
    with packs.using(place(tmp_path, WAGE, RULE, second.split("examples:")[0])), pytest.raises(Exception, match="例子"):
        packs.current()
    second = (
        second.replace("then: met", "then: not-met")
        .replace(", outputs: {amount: 1206}", "")
        .replace(", failed: [paid]", "")
    )
    met = '  - {on: 2026-06-30, given: {employees: 301, payroll: 605010, established_on: 2025-06-30, industry: "1"}, then: met}\n'
    second = second.replace("then: unknown, missing: [established_on, industry]", "then: not-met") + met
    with packs.using(place(tmp_path / "more", WAGE, RULE, second)):
        together = queries.rules(["test.small-firm", "test.large-firm"], on=DAY)
        assert together.answers(FIRM) == [Answer.MET, Answer.NOT_MET]
        small, large = together.decide(FIRM)
        assert (small.outputs["amount"], large.failed) == (Decimal("1206"), ("small",))
        assert small == queries.rule("test.small-firm", on=DAY).decide(FIRM)


def test_rules_that_mean_different_things_by_a_name_do_not_go_together(tmp_path: Path) -> None:
    second = RULE.replace("test.small-firm", "test.other").replace(
        "type: decimal, places: 2", "type: decimal, places: 3"
    )
    with packs.using(place(tmp_path, WAGE, RULE, second)), pytest.raises(FactsDiffer, match="payroll"):
        queries.rules(["test.small-firm", "test.other"], on=DAY)


BROKEN = {
    "employees <= 300": ("employes <= 300", "conditions.0.when: 条件里没有声明事实“employes”。是不是想写“employees”？"),
    "established_on, as_of": ("established_on, now()", "conditions.2.when: 条件不能用当前时间。"),
    "payroll >= employees * wage": ("payroll * payroll * payroll > 1", "conditions.1.when: 条件里的数可能超过38位。"),
    "payroll * 0.06": ("payroll / 3", "outputs.amount.value: 条件不能用除法。"),
    "（{wage}元）": ("（{wages}元）", "conditions.1.sentence: 句子里的“{wages}”不是参数。"),
    "code: paid": ("code: small", "条件代码“small”写了两次"),
    "test.minimum-wage": ("test.minimum-wages", "parameters.wage: 没有参数“test.minimum-wages”。"),
    "{type: integer, title: 从业人员, unit: 人}": ("firm.staff", "facts.employees: 没有数据元“firm.staff”。"),
    "title: 成立日期": ("unit: 年", "没有数据元的事实没有写名称"),
    "  amount:": ("  missing:", "结果不能叫“missing”"),
    "then: met, outputs: {amount: 1206}": ("then: met, outputs: {amount: 1207}", "examples.0.outputs.amount: 算出来是 1206.00。"),
    "then: not-met, failed: [paid]": ("then: met", "examples.1.then: 算出来是 not-met（没有通过 paid）。"),
    "missing: [established_on, industry]": ("missing: [industry]", "examples.2.missing: 算出来缺的是 established_on、industry。"),
    "{employees: 10, payroll: 20100}": ("{employee: 10, payroll: 20100}", "examples.2.given.employee: 规则没有事实“employee”。"),
    'given: {employees: 10, payroll: 20100, established_on: 2025-06-30, industry: "1"}, then: not-met': (
        'given: {employees: 一百, payroll: 20100, established_on: 2025-06-30, industry: "9"}, then: not-met',
        "examples.1.given.employees: “一百”不是integer。",
    ),
    "on: 2026-06-30, given: {employees: 10, payroll: 20100}": ("given: {}", "examples.2: 没有写按哪一天算。"),
}  # fmt: skip


@pytest.mark.parametrize("whole", BROKEN, ids=list(BROKEN))
def test_a_broken_rule_is_refused_where_it_is_broken(whole: str, tmp_path: Path) -> None:
    broken, what = BROKEN[whole]
    assert whole in RULE
    found = problems(place(tmp_path, WAGE, RULE.replace(whole, broken)))
    assert any(what in problem for problem in found), found


BROKEN_PARAMETER = {
    "from: 2026-07-01": ("from: 2023-07-01", "没有排在 2024-01-01 之后"),
    "2024-01-01, value": ("2024-01-01, until: 2026-06-29, value", "2026-06-29 与 2026-07-01 没有接上"),
    "value: 2200": ("value: '2200.5'", "有小数"),
    "value: 2010": ("value: 二千", "“二千”不是数"),
}


@pytest.mark.parametrize("whole", BROKEN_PARAMETER, ids=list(BROKEN_PARAMETER))
def test_a_parameter_has_no_gap_and_no_overlap(whole: str, tmp_path: Path) -> None:
    broken, what = BROKEN_PARAMETER[whole]
    assert problems(place(tmp_path / "right", WAGE, RULE)) == []
    assert any(what in problem for problem in problems(place(tmp_path / "wrong", WAGE.replace(whole, broken))))
