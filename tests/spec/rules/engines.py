"""The engines that rules are lowered to, each holding the same nasty records; Spark and ClickHouse where installed."""

import datetime
import importlib.util
import random
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import Any

from yiwang.kernel.packs.contracts import Text
from yiwang.kernel.rules import _parse
from yiwang.kernel.rules._decision import Mode
from yiwang.kernel.rules._rule import AS_OF, CompiledRule, Output, RuleFact
from yiwang.kernel.rules._tree import Node, facts_of
from yiwang.kernel.rules._values import FactType
from yiwang.kernel.rules.contracts import Answer, Condition, Counts, Population, RuleSet

ON = datetime.date(2024, 2, 29)
KINDS = {
    "p": FactType("bool"), "q": FactType("bool"), "n": FactType("integer"), "m": FactType("integer"), "k": FactType("integer"),
    "x": FactType("decimal", 2), "y": FactType("decimal", 4), "born": FactType("date"), "since": FactType("date"),
    "name": FactType("text"), "grade": FactType("code"),
}  # fmt: skip
FACTS = (
    *(RuleFact(name, Text(name), kind) for name, kind in KINDS.items()),
    RuleFact("as_of", Text("as_of"), FactType("date")),
)
TYPES = {fact.name: fact.type.type for fact in FACTS}
VALUES: dict[str, list[Any]] = {
    "bool": [None, True, False],
    "integer": [None, 0, 1, -1, 2, 7, -3, 12, 10**9, 2**31, -(2**31) - 1, 10**18 - 1, -(10**18) + 1, 2**53 + 1],
    "decimal": [None, 0, 1, -1, "0.01", "-0.01", "0.5", "2.50", "99.99", "-1234.56", "12345678901234.56", "-99999999999999.99", "0.1"],
    "date": [
        None, "2000-02-29", "2024-02-29", "2024-02-28", "2023-02-28", "2023-03-01", "2100-02-28", "1900-02-28",
        "1999-12-31", "2024-01-01", "1970-01-01", "1969-12-31",
    ],
    "text": [None, "张三", "張三", "𠮷野", "a", "A", "a'b", "a\\b", " a", "张三丰"],
    "code": [None, "1", "2", "01", "9"],
}  # fmt: skip


def _typed(kind: FactType, value: Any) -> Any:
    if value is None:
        return None
    if kind.type == "decimal":
        return Decimal(value).quantize(Decimal(1).scaleb(-kind.places))
    return datetime.date.fromisoformat(value) if kind.type == "date" else value


@cache
def records() -> list[dict[str, Any]]:
    """80 records, alike in every run."""
    pick = random.Random(20261121)
    return [
        {"id": number, **{name: _typed(kind, pick.choice(VALUES[kind.type])) for name, kind in KINDS.items()}}
        for number in range(80)
    ]


def rule_of(conditions: list[Node], outputs: list[Node], mode: Mode = Mode.ALL) -> CompiledRule:
    """A rule of trees, as a pack would give it."""
    named = tuple(Condition(code=f"c{n}", sentence=Text(f"c{n}"), when="") for n in range(len(conditions)))
    results = tuple(Output(f"o{n}", Text(f"o{n}"), tree) for n, tree in enumerate(outputs))
    used = facts_of(*conditions, *outputs)
    facts = tuple(fact for fact in FACTS if fact.name in used)
    return CompiledRule("r", 1, "", Text("r"), ON, mode, facts, (), named, tuple(conditions), results)


def in_python(rule: CompiledRule) -> list[tuple[Any, ...]]:
    """(id, answer, failed, missing, outputs …) of every record, from decisions."""
    answers = {"met": True, "not-met": False, "unknown": None}
    rows = []
    for record in records():
        made = rule.decide(record)
        failed = sum(1 << n for n, condition in enumerate(rule.conditions) if condition.code in made.failed)
        missing = sum(1 << n for n, name in enumerate(rule.fact_names) if name in made.missing)
        outputs = [made.outputs.get(output.name) for output in rule.outputs]
        rows.append((record["id"], answers[made.answer], failed, missing, *outputs))
    return rows


@cache
def _duckdb() -> Any:
    import atexit

    import duckdb

    connection = duckdb.connect(config={"threads": 1})
    atexit.register(connection.close)
    columns = ", ".join(f'"{name}" {kind}' for name, kind in rule_columns("duckdb").items())
    connection.execute(f"CREATE TABLE facts (id INTEGER, {columns})")
    marks = ", ".join("?" for _ in range(len(KINDS) + 1))
    connection.executemany(f"INSERT INTO facts VALUES ({marks})", [list(record.values()) for record in records()])
    return connection


def rule_columns(dialect: str) -> dict[str, str]:
    return CompiledRule("r", 1, "", Text("r"), ON, Mode.ALL, FACTS, (), (), ()).columns(dialect)


def in_duckdb(rule: CompiledRule) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = _duckdb().execute(f"{rule.sql('duckdb')} ORDER BY id").fetchall()
    return rows


def in_population(*rules: CompiledRule) -> list[list[tuple[Any, ...]]]:
    """The same of many rules at once, from a population's verdicts."""
    answers = {"met": True, "not-met": False, "unknown": None}
    named = [replace(rule, id=f"r{number}") for number, rule in enumerate(rules)]
    population = Population(RuleSet(tuple(named)), _duckdb(), "facts", "id")
    decided, counts = population.decide(), population.counts()
    found = []
    for rule in named:
        rows = []
        for verdict in decided.verdicts(rule.id, list(Answer)):
            failed = sum(1 << n for n, condition in enumerate(rule.conditions) if condition.code in verdict.failed)
            missing = sum(1 << n for n, name in enumerate(rule.fact_names) if name in verdict.missing)
            outputs = [verdict.outputs.get(output.name) for output in rule.outputs]
            rows.append((verdict.key, answers[verdict.answer], failed, missing, *outputs))
        found.append(rows)
        assert counts[rule.id] == Counts(*(sum(row[1] is answer for row in rows) for answer in (True, False, None)))
    return found


def by_example(text: str, facts: dict[str, Any], types: dict[str, str]) -> Any:
    """What DuckDB answers for one condition over one record of given facts, read as a rule reads them."""
    tree = _parse.parse(text, types)
    kinds = {name: FactType(kind, 9 if kind == "decimal" else 0) for name, kind in types.items()}
    used = sorted(facts_of(tree))
    named = (Condition(code="c", sentence=Text("c"), when=text),)
    declared = tuple(RuleFact(name, Text(name), kinds[name]) for name in used)
    rule = CompiledRule("r", 1, "", Text("r"), ON, Mode.ALL, declared, (), named, (tree,))
    values = [kinds[name].reader(facts[name]) if facts.get(name) is not None else None for name in used]
    columns = "".join(f', ?::{rule.columns()[name]} AS "{name}"' for name in used if name != AS_OF)
    day = facts.get(AS_OF)
    rule = replace(rule, on=kinds[AS_OF].reader(day) or ON) if day else rule
    given = [value for name, value in zip(used, values, strict=True) if name != AS_OF]
    _duckdb().execute(f"CREATE OR REPLACE TEMP TABLE example AS SELECT 1 AS id{columns}", given)
    return _duckdb().execute(rule.sql(table="example")).fetchall()[0][1]


@cache
def _spark() -> Any:
    from pyspark.sql import SparkSession
    from pyspark.sql import types as t

    spark = (
        SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", "1").config("spark.sql.session.timeZone", "UTC").getOrCreate()
    )  # fmt: skip
    spark.sparkContext.setLogLevel("ERROR")
    kinds = {"bool": t.BooleanType(), "integer": t.LongType(), "date": t.DateType()}
    fields = [t.StructField("id", t.IntegerType())]
    for name, kind in KINDS.items():
        of = t.DecimalType(18, kind.places) if kind.type == "decimal" else kinds.get(kind.type, t.StringType())
        fields.append(t.StructField(name, of))
    rows = [tuple(record.values()) for record in records()]
    spark.createDataFrame(rows, t.StructType(fields)).cache().createOrReplaceTempView("facts")
    return spark


def in_spark(rule: CompiledRule) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in _spark().sql(f"{rule.sql('spark')} ORDER BY id").collect()]


@cache
def _clickhouse() -> Any:
    from chdb import session

    held = session.Session()
    columns = ", ".join(f"`{name}` {kind}" for name, kind in rule_columns("clickhouse").items())
    held.query(f"CREATE TABLE facts (id Int32, {columns}) ENGINE = Memory")
    rows = ", ".join("(" + ", ".join(_spelled(value) for value in record.values()) + ")" for record in records())
    held.query(f"INSERT INTO facts VALUES {rows}")
    return held


def _spelled(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool | int):
        return str(value)
    return "'" + str(value).replace("\\", "\\\\").replace("'", "\\'") + "'"


def in_clickhouse(rule: CompiledRule) -> list[tuple[Any, ...]]:
    import json

    text = str(_clickhouse().query(f"{rule.sql('clickhouse')} ORDER BY id", "JSONCompactStrings"))
    return [_read(rule, row) for row in json.loads(text)["data"]]


def _read(rule: CompiledRule, row: list[Any]) -> tuple[Any, ...]:
    """What ClickHouse writes as text, as values."""
    key, answer, failed, missing, *outputs = (None if value == _CLICKHOUSE_NULL else value for value in row)
    kinds: list[Callable[[str], Any]] = [_AS[output.tree.type] for output in rule.outputs]
    values = [None if value is None else kind(value) for kind, value in zip(kinds, outputs, strict=True)]
    return (int(key), None if answer is None else _is_true(answer), int(failed), int(missing), *values)


_CLICKHOUSE_NULL = "ᴺᵁᴸᴸ"


def _is_true(text: str) -> bool:
    return {"true": True, "1": True, "false": False, "0": False}[text]


_AS: dict[str, Callable[[str], Any]] = {
    "bool": _is_true, "integer": int, "decimal": Decimal, "date": datetime.date.fromisoformat,
    "text": str, "code": str,
}  # fmt: skip

ENGINES: dict[str, Callable[[CompiledRule], list[tuple[Any, ...]]]] = {"duckdb": in_duckdb}
if importlib.util.find_spec("pyspark"):
    ENGINES["spark"] = in_spark
if importlib.util.find_spec("chdb"):
    ENGINES["clickhouse"] = in_clickhouse
