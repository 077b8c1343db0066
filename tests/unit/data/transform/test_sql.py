"""What a transformation's SQL may be, and what sqlglot says of where its columns come from. No database."""

from pathlib import Path

import pytest

from yiwang.data.transform._lineage import edges
from yiwang.data.transform._sql import parsed
from yiwang.data.transform.contracts import BadSql, Relation, Spot
from yiwang.kernel.packs import queries as packs

SCHEMA = {"a": {"x": "VARCHAR", "y": "BIGINT", "k": "VARCHAR"}, "b": {"k": "VARCHAR", "z": "VARCHAR"}}
TABLES = {"a": "standard.a", "b": "standard.b"}
HOSTILE = [
    "SELECT * FROM a; DROP TABLE a",
    "DROP TABLE a",
    "INSERT INTO a SELECT * FROM a",
    "COPY a TO '/tmp/x.csv'",
    "ATTACH '/tmp/x.db'",
    "INSTALL httpfs",
    "PRAGMA database_list",
    "SET enable_external_access = true",
    "SELECT * FROM a, read_csv('/etc/passwd')",
    "SELECT * FROM a, read_text('/etc/passwd')",
    "SELECT * FROM a, '/etc/passwd'",
    "SELECT * FROM a, glob('/*')",
    "SELECT *, (SELECT content FROM read_blob('/etc/passwd')) FROM a",
    "SELECT x, getenv('HOME') AS h FROM a",
    "SELECT x, current_setting('temp_directory') AS h FROM a",
    "SELECT * FROM a, duckdb_settings()",
    "SELECT * FROM a, duckdb_secrets()",
    "SELECT * FROM a, information_schema.tables",
    "SELECT * FROM a, query('SELECT 1')",
    "SELECT * FROM a, query_table('b')",
    "SELECT * FROM a, b",
    "SELECT * FROM other.a",
    'SELECT * FROM "standard"."a"',
    "SELECT * FROM a, range(1000000000000)",
    "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT * FROM r, a",
    "WITH a AS (SELECT 1 AS x) SELECT * FROM a",
    "SELECT x, now() AS t FROM a",
    "SELECT x, current_date AS t FROM a",
    "SELECT x, random() AS t FROM a",
    "SELECT x, uuid() AS t FROM a",
    "SELECT x FROM a LIMIT 1",
    "SELECT x FROM a TABLESAMPLE 10%",
    "SELECT COLUMNS('.*') FROM a",
    "SELECT $1 FROM a",
    "PIVOT a ON x USING sum(y)",
    "SELECT x FROM a WHERE " + "(" * 5000 + "1" + ")" * 5000,
    "SELECT 1 AS n",
    "SELECT 'SELECT' FROM",
    "SELECT x /* " + "x" * 30_000 + " */ FROM a",
]


@pytest.mark.parametrize("sql", HOSTILE, ids=lambda sql: sql[:40])
def test_anything_but_a_select_over_the_inputs_is_refused(sql: str) -> None:
    with pytest.raises(BadSql):
        parsed(sql, ["a"])


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT x, sum(y) FILTER (WHERE y > 0) AS s FROM a GROUP BY ALL",
        "FROM a",
        "WITH c AS (SELECT * EXCLUDE (y) FROM a) SELECT c.x, substr(c.k, 1, 2) AS p FROM c WHERE c.k IN ('1', '2') ORDER BY 1",
        "SELECT DISTINCT x FROM a WHERE regexp_matches(x, '^[0-9]+$') UNION ALL SELECT k FROM a",
        "SELECT x, CASE WHEN y BETWEEN 1 AND 5 THEN '少' ELSE '多' END AS size, try_cast(k AS INTEGER) AS n FROM a",
        "SELECT k, arg_max(x, y) AS last, string_agg(x, '、' ORDER BY y) AS all_of FROM a GROUP BY k HAVING count(*) > 1",
        "SELECT x, strftime(make.d, '%Y') AS year FROM (SELECT x, k::DATE AS d FROM a) make",
        "SELECT t.name, a.x FROM a JOIN (VALUES ('1', '企业')) t(code, name) ON t.code = a.k",
    ],
)
def test_what_transformations_are_made_of_is_allowed(sql: str) -> None:
    assert parsed(sql, ["a"]).sql()


def found(sql: str) -> dict[tuple[Spot, str], Relation]:
    tables = {name: table for name, table in TABLES.items() if f"{name}" in sql.replace(",", " ").split()}
    made = edges(parsed(sql, tables), tables, SCHEMA, table="topic.t", via="v")
    assert {(edge.to.table, edge.via) for edge in made} <= {("topic.t", "v")}
    return {(edge.source, edge.to.column): edge.relation for edge in made}


def test_columns_are_followed_through_parts_joins_and_unions() -> None:
    made = found(
        "WITH n AS (SELECT k, x AS name, row_number() OVER (PARTITION BY k ORDER BY y) AS r FROM a WHERE y > 0) "
        "SELECT n.k, upper(n.name) AS name, b.z FROM n LEFT JOIN b ON b.k = n.k WHERE n.r = 1 "
        "UNION ALL SELECT k, z, z FROM b"
    )
    assert made[Spot("standard.a", "k"), "k"] is Relation.IDENTITY
    assert made[Spot("standard.b", "k"), "k"] is Relation.IDENTITY
    assert made[Spot("standard.a", "x"), "name"] is Relation.TRANSFORMATION
    assert made[Spot("standard.b", "z"), "name"] is Relation.IDENTITY
    assert made[Spot("standard.b", "z"), "z"] is Relation.IDENTITY
    assert made[Spot("standard.a", "y"), ""] is Relation.FILTER
    assert made[Spot("standard.b", "k"), ""] is Relation.JOIN
    assert (Spot("standard.a", "y"), "name") not in made


def test_sums_groups_and_stars() -> None:
    made = found("SELECT k, sum(y) + 1 AS total FROM a GROUP BY k")
    assert made[Spot("standard.a", "y"), "total"] is Relation.AGGREGATION
    assert made[Spot("standard.a", "k"), ""] is Relation.GROUP_BY
    star = found("SELECT * EXCLUDE (y) FROM a")
    assert {to for _, to in star} == {"x", "k"}


def test_a_column_that_no_input_has_is_refused() -> None:
    with pytest.raises(BadSql):
        found("SELECT nothing FROM a")


def problems(own_packs: Path, old: str, new: str) -> str:
    text = own_packs.read_text(encoding="utf-8")
    assert old in text
    own_packs.write_text(text.replace(old, new, 1), encoding="utf-8")
    return "\n".join(map(str, packs.check(own_packs.parent.parent)))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("upper(name) AS name", "upper(nothing) AS name", "对不上输入的列"),
        ("upper(name) AS name", "read_text(name) AS name", "不能用“read_text”"),
        ("table: topic.names", "table: topic.total", "已由“t.total”写入"),
        ("table: topic.names", "table: standard.staff", "由数据源“t.staff”写入"),
        ("inputs: {sizes: registry.sizes}", "inputs: {sizes: registry.nothing}", "没有谁写“registry.nothing”"),
        ("{code: A, name: 甲, headcount: 4}", "{code: A, name: 甲, headcount: 5}", "得到的是2行"),
        ("{input: staff, key: code}", "{input: staff, key: headcount}", "分两次到达时"),
        ("{input: staff, key: code}", "{input: staff}", "不能只看新增的行"),
        ("{input: staff, key: code}", "{input: staff, key: nobody}", "“nobody”不在输入"),
        ("table: registry.sizes", "table: standard.sizes", "没有谁写“registry.sizes”"),
        ("inputs: {firms: standard.firms}", "inputs: {firms: topic.total}", "不能只看"),
    ],
)
def test_packs_check_says_what_is_wrong(own_packs: Path, old: str, new: str, said: str) -> None:
    if "topic.total}" in new:
        text = own_packs.read_text(encoding="utf-8").replace("table: topic.names", "table: registry.names")
        own_packs.write_text(text, encoding="utf-8")
        said = "数据只往上走"
    assert said in problems(own_packs, old, new)


def test_a_circle_is_said(own_packs: Path) -> None:
    text = own_packs.read_text(encoding="utf-8")
    text = text.replace(
        "inputs: {staff: standard.staff, firms: standard.firms}",
        "inputs: {staff: standard.staff, firms: registry.circle}",
    )
    text += """---
kind: Transformation
id: t.circle
title: 圈
table: registry.circle
inputs: {sizes: {table: registry.sizes, columns: {code: VARCHAR, name: VARCHAR}}}
sql: "SELECT code, name FROM sizes"
"""
    own_packs.write_text(text, encoding="utf-8")
    assert "加工互相读取" in "\n".join(map(str, packs.check(own_packs.parent.parent)))
