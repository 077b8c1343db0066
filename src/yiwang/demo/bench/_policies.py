"""Made-up support rules over the made-up firms: packs as an author writes them, and the same conditions by hand."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

DAY = "2026-06-30"
_TYPES = {
    "employees": "integer", "patents": "integer", "paid_months": "integer", "penalties": "integer", "revenue": "decimal",
    "payroll": "decimal", "research": "decimal", "tax": "decimal", "established_on": "date", "penalised_on": "date",
    "industry": "code", "region": "code", "credit": "code", "is_listed": "bool", "is_overdue": "bool", "is_high_tech": "bool",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Made:
    """A condition in the language, the same in DuckDB and in Python by hand, and facts that fulfil it or fail it."""

    text: str
    sql: str
    python: str
    good: dict[str, Any]
    bad: dict[str, Any]


def _conditions(pick: random.Random) -> list[Made]:
    """One of each sort, with thresholds drawn."""
    staff, years, months = (
        pick.choice([20, 100, 300, 500, 1000]),
        pick.choice([1, 2, 3, 5, 10]),
        pick.choice([6, 12, 24]),
    )
    sum_, share, tax = (
        pick.choice([20, 50, 300, 500]) * 1_000_000,
        pick.choice([3, 5, 8, 10]),
        pick.choice([1, 3, 5]) * 100_000,
    )
    sectors, regions = _some(pick, "ABCDEFGHIJKLMNOPQR"), _some(pick, [f"{n:02}" for n in range(12)])
    days, patents = pick.choice([180, 365, 730, 1095]), pick.choice([1, 3, 5, 15])
    # DuckDB's own: whole years, but for 29 February.
    full = f"date_sub('year', established_on, DATE '{DAY}')"
    return [
        _plain(f"employees <= {staff}", {"employees": staff}, {"employees": staff + 1}),
        _plain(f"revenue >= {sum_}", {"revenue": sum_}, {"revenue": sum_ - 1}),
        _plain(f"research * 100 >= revenue * {share}", {"research": share, "revenue": 100}, {"research": share - 1, "revenue": 100}),
        _plain(f"tax >= {tax} and is_overdue = false", {"tax": tax, "is_overdue": False}, {"tax": tax - 1, "is_overdue": False},
               f"tax >= {tax} and is_overdue is False"),
        Made(f"years_between(established_on, as_of) >= {years}", f"({full}) >= {years}", f"years(established_on, as_of) >= {years}",
             {"established_on": "1999-01-01"}, {"established_on": DAY}),
        _plain(f"paid_months >= {months}", {"paid_months": months}, {"paid_months": months - 1}),
        _plain(f"industry in ({sectors})", {"industry": sectors[1]}, {"industry": "Z"}),
        _plain(f"region in ({regions})", {"region": regions[1:3]}, {"region": "99"}),
        _plain("credit in ('A', 'B') or is_high_tech", {"credit": "A", "is_high_tech": False}, {"credit": "D", "is_high_tech": False}),
        _plain("not is_listed", {"is_listed": False}, {"is_listed": True}),
        Made(f"penalised_on is null or days_between(penalised_on, as_of) > {days}",
             f"penalised_on IS NULL OR DATE '{DAY}' - penalised_on > {days}", f"penalised_on is None or (as_of - penalised_on).days > {days}",
             {"penalised_on": "2001-01-01"}, {"penalised_on": DAY}),
        _plain(f"coalesce(penalties, 0) = 0 and patents >= {patents}", {"penalties": 0, "patents": patents}, {"penalties": 1, "patents": patents},
               f"(penalties or 0) == 0 and patents >= {patents}"),
        Made("quotient(payroll, employees, 2, 'half-up') >= 3000", "round(payroll / nullif(employees, 0), 2) >= 3000",
             "employees and round(payroll / employees, 2) >= 3000", {"payroll": 30000, "employees": 10}, {"payroll": 29999, "employees": 10}),
    ]  # fmt: skip


def policies(count: int, seed: int = 1) -> list[list[Made]]:
    """So many rules of two to five conditions that share no fact."""
    pick = random.Random(seed)
    made: list[list[Made]] = []
    for _ in range(count):
        chosen: list[Made] = []
        for condition in pick.sample(_conditions(pick), 13):
            taken = {name for one in chosen for name in one.good}
            if len(chosen) < 2 + len(made) % 4 and not taken & set(condition.good):
                chosen.append(condition)
        made.append(chosen)
    return made


def packs_of(made: Sequence[Sequence[Made]]) -> str:
    """The rules as one file of packs; every third works out an amount, no two the same."""
    return "\n---\n".join(_pack(number, conditions) for number, conditions in enumerate(made))


def rule_ids(count: int) -> list[str]:
    return [f"bench.policy-{number}" for number in range(count)]


def _pack(number: int, conditions: Sequence[Made]) -> str:
    good = {name: value for one in conditions for name, value in one.good.items()}
    names = dict.fromkeys(good) | ({"payroll": None} if number % 3 == 0 else {})
    lines = ["kind: Rule", f"id: bench.policy-{number}", f"title: 扶持政策{number}", "facts:"]
    lines += [f"  {name}: {{type: {_TYPES[name]}, title: {name}}}" for name in names]
    lines += ["conditions:"]
    lines += [f'  - {{code: c{n}, sentence: 第{n}条, when: "{one.text}"}}' for n, one in enumerate(conditions)]
    if number % 3 == 0:
        lines += [
            "outputs:",
            f"  amount: {{title: 金额, value: \"least(rounded(payroll * 0.0{3 + number % 7}, 2, 'half-up'), {300000 + number * 1000})\"}}",
        ]
    lines += ["examples:", f"  - {{on: {DAY}, given: {_given(good)}, then: met}}"]
    lines += [f"  - {{on: {DAY}, given: {_given({**good, **conditions[0].bad})}, then: not-met}}"]
    return "\n".join(lines)


def _given(facts: dict[str, Any]) -> str:
    return "{" + ", ".join(f"{name}: {_written(value)}" for name, value in facts.items()) + "}"


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else f'"{value}"'


def _plain(text: str, good: dict[str, Any], bad: dict[str, Any], python: str = "") -> Made:
    """A condition that reads the same in the language, in DuckDB and (but for some words) in Python."""
    return Made(text, text, python or text.replace(" = ", " == "), good, bad)


def _some(pick: random.Random, values: Sequence[str]) -> str:
    return ", ".join(f"'{value}'" for value in sorted(pick.sample(list(values), 4)))
