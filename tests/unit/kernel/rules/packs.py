"""A small place with a rule and a parameter, and a way to change a line of it."""

from pathlib import Path

from yiwang.kernel.packs import queries
from yiwang.kernel.packs.contracts import PackSet

WAGE = """
kind: Parameter
id: test.minimum-wage
title: 最低工资标准
type: integer
unit: 元
values:
  - {from: 2024-01-01, value: 2010, source: {title: 人社厅通知, document_no: 人社〔2023〕9号}}
  - {from: 2026-07-01, value: 2200, source: {title: 人社厅通知, document_no: 人社〔2026〕5号}}
"""
RULE = """
kind: Rule
id: test.small-firm
title: 小微企业稳岗补贴
facts:
  employees: {type: integer, title: 从业人员, unit: 人}
  payroll: {type: decimal, places: 2, title: 月工资总额, unit: 元}
  established_on: {type: date, title: 成立日期}
  industry: {type: code, title: 行业}
parameters: {wage: test.minimum-wage}
conditions:
  - {code: small, sentence: 从业人员不超过300人, when: employees <= 300, basis: {title: 划型标准, article: 四}}
  - {code: paid, sentence: "人均工资不低于最低工资标准（{wage}元）", when: payroll >= employees * wage}
  - {code: settled, sentence: 成立满1年, when: "years_between(established_on, as_of) >= 1"}
  - {code: industry, sentence: 不在限制行业, when: "industry not in ('9', '8')"}
outputs:
  amount: {title: 补贴金额, unit: 元, value: "least(rounded(payroll * 0.06, 2, 'down'), 50000)"}
examples:
  - {on: 2026-06-30, given: {employees: 10, payroll: 20100, established_on: 2025-06-30, industry: "1"}, then: met, outputs: {amount: 1206}}
  - {on: 2026-07-01, given: {employees: 10, payroll: 20100, established_on: 2025-06-30, industry: "1"}, then: not-met, failed: [paid]}
  - {on: 2026-06-30, given: {employees: 10, payroll: 20100}, then: unknown, missing: [established_on, industry]}
"""


def place(root: Path, *texts: str) -> Path:
    """A folder of packs with one place."""
    (root / "here").mkdir(parents=True)
    (root / "here" / "place.yaml").write_text("kind: Place\nid: here\ntitle: 此地\n", encoding="utf-8")
    for number, text in enumerate(texts):
        (root / "here" / f"{number}.yaml").write_text(text, encoding="utf-8")
    return root


def problems(root: Path) -> list[str]:
    return [str(problem).split("here/")[-1] for problem in queries.check(root)]


def packs(root: Path) -> PackSet:
    return queries.read(root, "here")
