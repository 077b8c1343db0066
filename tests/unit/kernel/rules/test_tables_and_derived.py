"""Decision tables and derived facts: gaps and overlaps named, unknowns kept, the same at both speeds."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from tests.unit.kernel.rules.packs import WAGE, place, problems
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.rules import queries
from yiwang.kernel.rules.contracts import Answer

DAY = date(2026, 6, 30)
TABLE = """
kind: DecisionTable
id: test.injury
title: 一次性伤残补助金
hit: unique
facts:
  level: {type: integer, title: 伤残等级}
  wage: {type: decimal, title: 本人工资, unit: 元}
  insured: {type: bool, title: 参保}
parameters: {least_wage: test.minimum-wage}
outputs:
  months: {type: integer, title: 月数}
  amount: {type: decimal, title: 金额, unit: 元}
rows:
  - {code: one, when: {level: 1, insured: true}, then: {months: 27, amount: "greatest(wage, least_wage) * 27"}}
  - {code: two, when: {level: {min: 2, max: 4}, insured: true}, then: {months: 21, amount: "greatest(wage, least_wage) * 21"}}
  - {code: rest, when: {level: {above: 4, below: 11}, insured: true}, then: {months: 7, amount: "greatest(wage, least_wage) * 7"}}
  - {code: none, when: {insured: false}, then: {months: 0, amount: 0}}
partial: true
examples:
  - {on: 2026-06-30, given: {level: 3, wage: "3000.50", insured: true}, then: met, outputs: {months: 21, amount: "63010.50"}}
  - {on: 2026-06-30, given: {level: 11, wage: 3000, insured: true}, then: not-met}
  - {on: 2026-06-30, given: {level: 5, insured: true}, then: met, outputs: {months: 7, amount: null}}
  - {on: 2026-06-30, given: {level: 5, wage: 1000}, then: unknown, missing: [insured]}
"""
DERIVED = """
kind: DerivedFact
id: test.paid-months
title: 近一年缴费月数
type: integer
relation: {name: payments, columns: {month_on: {type: date, title: 月份}, amount: {type: decimal, title: 金额}, is_paid: {type: bool, title: 已缴}}}
sql: select count(*) from payments where is_paid and days_between(month_on, as_of) <= 365
examples:
  - {on: 2026-06-30, given: [{month_on: 2026-05-01, is_paid: true}, {month_on: 2024-05-01, is_paid: true}, {month_on: 2026-04-01, is_paid: false}], value: 1}
  - {on: 2026-06-30, given: [{month_on: 2026-05-01}], value: null}
  - {on: 2026-06-30, given: [], value: 0}
"""
SUM = DERIVED.replace("test.paid-months", "test.net").replace("type: integer", "type: decimal\nplaces: 2", 1).split(
    "sql:"
)[0] + ("sql: select sum(amount) - max(amount) from payments where is_paid\n")


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Path]:
    root = place(tmp_path / "packs", WAGE, TABLE, DERIVED, SUM)
    assert problems(root) == []
    with packs.using(root):
        yield root


def test_the_row_that_applies_gives_the_outputs(here: Path) -> None:
    decision = queries.rule("test.injury", on=DAY).decide({"level": 1, "wage": 1000, "insured": True})
    assert [reason.code for reason in decision.reasons if reason.answer is Answer.MET] == ["one"]
    assert dict(decision.outputs) == {"months": 27, "amount": Decimal(2010 * 27)}


def test_a_table_is_worked_out_for_all_at_once(here: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE workers AS SELECT * FROM (VALUES (1, 3, 3000.50::DECIMAL(10, 2), true), (2, 11, 1.00, true), "
            "(3, 5, 1000.00, NULL), (4, NULL, 1.00, false)) AS t(id, level, wage, insured)"
        )
        found = queries.population(["test.injury"], on=DAY, connection=connection, table="workers", key="id")
        verdicts = {verdict.key: verdict for verdict in found.verdicts(list(Answer))}
        rule = queries.rule("test.injury", on=DAY)
        for row in connection.execute("SELECT * FROM workers").fetchall():
            record = dict(zip(("id", "level", "wage", "insured"), row, strict=True))
            decision, verdict = rule.decide(record), verdicts[record["id"]]
            assert (decision.answer, decision.outputs, decision.missing) == (
                verdict.answer,
                verdict.outputs,
                verdict.missing,
            )
    assert {key: verdict.answer.value for key, verdict in verdicts.items()} == {
        1: "met",
        2: "not-met",
        3: "unknown",
        4: "met",
    }


BROKEN = {
    "partial: true": ("", "rows: 没有一行管得到 level=0、insured=True。"),
    "{min: 2, max: 4}": ("{min: 1, max: 4}", "rows: one、two 都管得到 level=1、insured=True。"),
    "level: {above: 4, below: 11}": ("level: {above: 四}", "“四”不是 level 的取值"),
    "then: {months: 0, amount: 0}": ("then: {months: 0}", "“none”没有写全结果"),
    "when: {insured: false}": ("when: {insure: false}", "行“none”里的“insure”不是事实"),
    "then: {months: 27,": ("then: {months: wage,", "“wage”算出来不是 integer。"),
    "outputs: {months: 21, amount": ("outputs: {months: 22, amount", "examples.0.outputs.months: 算出来是 21。"),
}  # fmt: skip


@pytest.mark.parametrize("whole", BROKEN, ids=list(BROKEN))
def test_a_broken_table_is_refused(whole: str, tmp_path: Path) -> None:
    broken, what = BROKEN[whole]
    assert whole in TABLE
    found = problems(place(tmp_path, WAGE, TABLE.replace(whole, broken)))
    assert any(what in problem for problem in found), found


def test_the_first_row_that_holds_counts_and_an_unknown_one_before_it_leaves_it_open(tmp_path: Path) -> None:
    text = (
        TABLE.replace("hit: unique", "hit: first")
        .split("examples:")[0]
        .replace("{insured: false}", "{}")
        .replace("code: none", "code: else")
    )
    with packs.using(place(tmp_path, WAGE, text)):
        rule = queries.rule("test.injury", on=DAY)
        assert rule.decide({"level": 12, "wage": 1}).outputs["months"] == 0
        assert rule.decide({"wage": 1, "insured": False}).outputs["months"] == 0
        open_ = rule.decide({"wage": 1, "insured": True})
        assert (open_.answer, open_.missing) == (Answer.UNKNOWN, ("level",))


def test_rows_may_add_up(tmp_path: Path) -> None:
    text = (
        TABLE.replace("hit: unique", "hit: collect")
        .split("examples:")[0]
        .replace("{insured: false}", "{level: {max: 3}}")
    )
    with packs.using(place(tmp_path, WAGE, text.replace("months: 0,", "months: 5,"))):
        rule = queries.rule("test.injury", on=DAY)
        assert rule.decide({"level": 2, "wage": 1, "insured": True}).outputs["months"] == 26
        assert rule.decide({"level": 2, "wage": 1, "insured": False}).outputs["months"] == 5


def test_child_records_are_counted_the_same_for_one_and_for_all(here: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE payments AS SELECT * FROM (VALUES ('a', DATE '2026-05-01', 10.50::DECIMAL(8, 2), true), ('a', DATE '2026-04-01', 20.00, true), "
            "('a', DATE '2020-04-01', 1.25, true), ('b', DATE '2026-04-01', 5.00, NULL), ('c', DATE '2026-04-01', NULL, true), "
            "('d', DATE '2026-04-01', NULL, false)) AS t(uscc, month_on, amount, is_paid)"
        )
        rows = connection.execute("SELECT * FROM payments").fetchall()
        for name in ("test.paid-months", "test.net"):
            fact = queries.derived(name, on=DAY)
            at_once = dict(connection.execute(fact.sql(key="uscc")).fetchall())
            one_by_one = {
                key: fact.value(
                    [
                        dict(zip(("uscc", "month_on", "amount", "is_paid"), row, strict=True))
                        for row in rows
                        if row[0] == key
                    ]
                )
                for key in "abcd"
            }
            assert at_once == one_by_one
            assert (
                one_by_one
                == {
                    "test.paid-months": {"a": 2, "b": None, "c": 1, "d": 0},
                    "test.net": {"a": Decimal("11.75"), "b": None, "c": None, "d": None},
                }[name]
            )


BROKEN_DERIVED = {
    "count(*) from": ("count(*), 1 from", "只能有一个结果"),
    "select count(*)": ("select count(distinct amount)", "count"),
    "from payments where": ("from payments join others using (x) where", "只能有一个结果、一个来源和一个 where"),
    "from payments": ("from secrets", "只能取自“payments”"),
    "where is_paid": ("where random() < 1", "条件用了不支持的写法（Rand）"),
    "sql: select count(*)": ("sql: select month_on", "没有 count、sum、min 或 max"),
    "sql: select": ("sql: delete", "派生事实的查询"),
    "value: 1}": ("value: 2}", "examples.0.value: 算出来是 1。"),
    "type: integer": ("type: date", "算出来是 integer，不是 date"),
}


@pytest.mark.parametrize("whole", BROKEN_DERIVED, ids=list(BROKEN_DERIVED))
def test_a_broken_derived_fact_is_refused(whole: str, tmp_path: Path) -> None:
    broken, what = BROKEN_DERIVED[whole]
    found = problems(place(tmp_path, DERIVED.replace(whole, broken, 1)))
    assert any(what in problem for problem in found), found
