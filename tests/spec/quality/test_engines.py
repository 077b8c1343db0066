"""The same rules come to the same counts on every engine that is installed."""

import importlib.util
import json
from collections import Counter

import duckdb
import pytest

from tests.spec.quality import made
from yiwang.data.quality._compile import Scan, compiled

COUNT = 400


def scan_of(dialect: str) -> Scan:
    return compiled(
        made.RULES, made.COLUMNS, relation="people", key=["k"], on=made.ON, others=made.OTHERS, dialect=dialect
    )


def told(scan: Scan, lines: list[list[int]]) -> dict[str, tuple[int, int]]:
    judged, failed = Counter(), Counter()
    for *masks, count in lines:
        for place in scan.judged(masks):
            judged[place] += count
        for place in scan.failing(masks):
            failed[place] += count
    return {rule.code: (judged[place], failed[place]) for place, rule in enumerate(scan.rules)}


@pytest.fixture(scope="module")
def expected():
    connection = duckdb.connect(config={"threads": 1})
    columns = ", ".join(f'"{name}" {kind}' for name, kind in made.DUCKDB.items())
    connection.execute(f"CREATE TABLE people ({columns})")
    connection.execute(f"INSERT INTO people VALUES {made.literals(made.rows(COUNT))}")
    connection.execute(f"CREATE TABLE regions AS SELECT * FROM (VALUES {made.literals(made.REGIONS)}) v(code)")
    connection.execute(f"CREATE TABLE police AS SELECT * FROM (VALUES {made.literals(made.police(COUNT))}) v(id, name)")
    scan = scan_of("duckdb")
    return told(scan, connection.execute(scan.counts).fetchall())


@pytest.mark.slow
@pytest.mark.skipif(not importlib.util.find_spec("pyspark"), reason="pyspark is not installed")
def test_spark_counts_the_same(expected):
    from pyspark.sql import SparkSession

    spark = (
        SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", "1").config("spark.sql.session.timeZone", "UTC").getOrCreate()
    )  # fmt: skip
    try:
        kinds = ", ".join(
            f"CAST(col{n + 1} AS {kind}) AS `{name}`" for n, (name, kind) in enumerate(made.SPARK.items())
        )
        spark.sql(f"SELECT {kinds} FROM VALUES {made.literals(made.rows(COUNT))}").cache().createOrReplaceTempView(
            "people"
        )
        spark.sql(f"SELECT col1 AS code FROM VALUES {made.literals(made.REGIONS)}").createOrReplaceTempView("regions")
        spark.sql(
            f"SELECT col1 AS id, col2 AS name FROM VALUES {made.literals(made.police(COUNT))}"
        ).createOrReplaceTempView("police")
        scan = scan_of("spark")
        assert told(scan, [list(row) for row in spark.sql(scan.counts).collect()]) == expected
    finally:
        spark.stop()


@pytest.mark.slow
@pytest.mark.skipif(not importlib.util.find_spec("chdb"), reason="chdb is not installed")
def test_clickhouse_counts_the_same(expected):
    from chdb import session

    held = session.Session()
    types = {"BIGINT": "Int64", "VARCHAR": "String", "DATE": "Date32", "DECIMAL(18,2)": "Decimal(18, 2)"}
    columns = ", ".join(f"`{name}` Nullable({types[kind]})" for name, kind in made.DUCKDB.items())
    held.query(f"CREATE TABLE people ({columns}) ENGINE = Memory")
    held.query(f"INSERT INTO people VALUES {made.literals(made.rows(COUNT)).replace('DATE ', '')}")
    held.query("CREATE TABLE regions (code Nullable(String)) ENGINE = Memory")
    held.query(f"INSERT INTO regions VALUES {made.literals(made.REGIONS)}")
    held.query("CREATE TABLE police (id Nullable(String), name Nullable(String)) ENGINE = Memory")
    held.query(f"INSERT INTO police VALUES {made.literals(made.police(COUNT))}")
    scan = scan_of("clickhouse")
    lines = json.loads(str(held.query(scan.counts, "JSONCompact")))["data"]
    assert told(scan, [[int(value) for value in line] for line in lines]) == expected
