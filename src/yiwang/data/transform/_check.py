"""What `packs check` asks of a transformation: its SQL is harmless, fits its inputs, runs in no circle, and its examples come true."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import duckdb
from sqlglot import exp

from yiwang.data.engine import queries as lakes
from yiwang.data.engine.queries import quoted
from yiwang.data.ingest import queries as ingest
from yiwang.data.ingest.contracts import SOURCE
from yiwang.data.transform import _increments, _shapes
from yiwang.data.transform._lineage import edges
from yiwang.data.transform._sql import parsed
from yiwang.data.transform.contracts import BadSql
from yiwang.data.transform.kinds import TRANSFORMATION, ExamplePart, TransformationPack
from yiwang.kernel.base.contracts import YiwangError
from yiwang.kernel.packs import queries as packs_queries
from yiwang.kernel.packs.contracts import Pack, PackSet, Problem

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_GATHERING = (exp.AggFunc, exp.Window, exp.Distinct, exp.Group, exp.SetOperation)


def check(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    with packs_queries.using(packs):
        return list(_written_twice(pack, packs)) or list(_does_not_hold(pack, packs))


def examples(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    """Rows come out as each example says, at once and, where only what is new is read, in two deliveries too."""
    body = pack.as_type(TransformationPack)
    with packs_queries.using(packs):
        try:
            inputs = _shapes.of_inputs(body, _shapes.known(packs))
            parsed(body.sql, body.tables)
        except (KeyError, YiwangError):
            return []  # said of the transformation already
    return [problem for index in range(len(body.examples)) for problem in _differs(pack, index, inputs)]


def _written_twice(pack: Pack, packs: PackSet) -> Iterator[Problem]:
    body = pack.as_type(TransformationPack)
    for other in packs.all_of(TRANSFORMATION):
        if other.id != pack.id and other.as_type(TransformationPack).table == body.table:
            yield pack.problem(
                "table", f"“{body.table}”已由“{other.id}”写入。", "一张表只由一个加工写入，请换一个表名。"
            )
    for source in packs.all_of(SOURCE):
        if body.table in ingest.declared_tables(source):
            yield pack.problem("table", f"“{body.table}”由数据源“{source.id}”写入。", "请换一个表名。")


def _does_not_hold(pack: Pack, packs: PackSet) -> Iterator[Problem]:
    body = pack.as_type(TransformationPack)
    try:
        query = parsed(body.sql, body.tables)
        _shapes.ordered(packs.all_of(TRANSFORMATION))
        shapes = _shapes.known(packs)
        inputs = _shapes.of_inputs(body, shapes)
        made = _shapes.made_by(body, shapes)
        edges(query, body.tables, inputs, table=body.table, via=pack.id)
    except KeyError as unknown:
        name = str(unknown.args[0])
        yield pack.problem(
            ("inputs", name), f"没有谁写“{body.tables[name]}”。", "请核对表名；由别处写入的，请写 columns。"
        )
        return
    except BadSql as wrong:
        yield pack.problem("sql", wrong.message, wrong.hint)
        return
    yield from _cannot_grow(pack, query, made, inputs)


def _cannot_grow(pack: Pack, query: exp.Query, made: Mapping[str, str], inputs: Mapping[str, Any]) -> Iterator[Problem]:
    body = pack.as_type(TransformationPack)
    part = body.incremental
    if part is None:
        return
    if part.key and not (part.key in made and part.key in inputs[part.input]):
        yield pack.problem(
            ("incremental", "key"), f"“{part.key}”不在输入“{part.input}”里，或不在结果里。", "键在两边要同名。"
        )
    if not part.key and query.find(*_GATHERING):
        yield pack.problem(
            "incremental", "汇总、去重、排名的查询不能只看新增的行。", "请写 key，让有变化的键整个重算。"
        )
    if sum(table.name == part.input for table in query.find_all(exp.Table)) > 1 and not part.key:
        yield pack.problem("incremental", f"输入“{part.input}”读了不止一次。", "请写 key，或去掉 incremental。")
    if list(body.tables.values()).count(body.tables[part.input]) > 1:
        yield pack.problem("incremental", "增长的输入以两个名字读了两次。", "请只写一次。")
    if not any(len(example.given.get(part.input, ())) > 1 for example in body.examples):
        yield pack.problem(
            "incremental", "增量的加工要有例子，增长的输入至少两行。", "请写 examples：它们也会分两次到达地算一遍。"
        )


def _differs(pack: Pack, index: int, inputs: Mapping[str, _shapes.Shape]) -> Iterator[Problem]:
    body = pack.as_type(TransformationPack)
    example = body.examples[index]
    try:
        with lakes.scratch() as lake:
            came, wanted = _at_once(lake, body, example, inputs)
            later = (
                _in_two(lake, body, example, list(example.then[0]) if example.then else [])
                if body.incremental
                else came
            )
    except duckdb.Error as wrong:
        yield pack.problem(
            ("examples", index), f"例子算不出来：{str(wrong).splitlines()[0][:160]}。", "请核对例子的列和值。"
        )
        return
    for rows, how in ((came, ""), (later, "分两次到达时")):
        if rows != wanted:
            yield pack.problem(
                ("examples", index, "then"),
                f"{how}得到的是{_told(rows)}，例子写的是{_told(wanted)}。",
                "请核对 SQL 或例子。",
            )
            return


def _at_once(
    lake: "DuckDBPyConnection", body: TransformationPack, example: ExamplePart, inputs: Mapping[str, _shapes.Shape]
) -> tuple[list[Any], list[Any]]:
    _shapes.lay_out(lake, inputs)
    for name in inputs:
        _fill(lake, name, example.given.get(name, ()))
    lake.execute(f"CREATE TABLE came AS SELECT * FROM ({body.sql}\n)")
    columns = list(example.then[0]) if example.then else []
    lake.execute("CREATE TABLE wanted AS FROM came LIMIT 0")
    _fill(lake, "wanted", example.then)
    return _rows(lake, "came", columns), _rows(lake, "wanted", columns)


def _in_two(
    lake: "DuckDBPyConnection", body: TransformationPack, example: ExamplePart, columns: Sequence[str]
) -> list[Any]:
    """As a running system would: the first half of the growing input, then the rest of it."""
    part = body.incremental
    if part is None:
        return []
    rows, name = example.given.get(part.input, ()), quoted(part.input)
    lake.execute(f"CREATE TABLE everything AS SELECT row_number() OVER () AS n, * FROM {name}")
    half = f"SELECT * EXCLUDE (n) FROM everything WHERE n {{}} {len(rows) // 2}"
    lake.execute(f"DROP TABLE {name}")
    lake.execute(f"CREATE VIEW {name} AS {half.format('<=')}")
    lake.execute(f"CREATE TABLE before AS SELECT * FROM ({body.sql}\n)")
    lake.execute(f"CREATE VIEW fresh AS {half.format('>')}")
    lake.execute("CREATE VIEW entire AS SELECT * EXCLUDE (n) FROM everything")
    _increments.narrow(lake, part, everything="entire", new="fresh")
    made = _increments.result(body.sql, part, "before")
    if part.key is None:
        made = f"SELECT * FROM before UNION ALL BY NAME ({made})"
    lake.execute(f"CREATE TABLE later AS {made}")
    return _rows(lake, "later", columns)


def _fill(lake: "DuckDBPyConnection", table: str, rows: Iterable[Mapping[str, Any]]) -> None:
    for row in rows:
        names = ", ".join(map(quoted, row))
        marks = ", ".join("?" for _ in row)
        values = [None if value is None else str(value) for value in row.values()]
        lake.execute(f"INSERT INTO {quoted(table)} ({names}) VALUES ({marks})", values)


def _rows(lake: "DuckDBPyConnection", table: str, columns: Sequence[str]) -> list[Any]:
    listed = ", ".join(f"{quoted(column)}::VARCHAR" for column in columns) or "1"
    return lake.execute(f"SELECT {listed} FROM {table} ORDER BY ALL").fetchall()


def _told(rows: Sequence[Any]) -> str:
    said = "；".join("、".join("空" if value is None else str(value) for value in row) for row in rows[:5])
    return f"{len(rows)}行（{said}{'…' if len(rows) > 5 else ''}）"
