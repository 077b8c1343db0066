"""What every table of the packs holds, before there is any data: sources by their elements, transformations by asking DuckDB."""

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import duckdb

from yiwang.data.engine import queries as lakes
from yiwang.data.engine.queries import quoted
from yiwang.data.ingest import queries as ingest
from yiwang.data.ingest.contracts import SOURCE
from yiwang.data.transform._sql import parsed
from yiwang.data.transform.contracts import BadSql
from yiwang.data.transform.kinds import TRANSFORMATION, InputPart, TransformationPack
from yiwang.kernel.base.contracts import YiwangError
from yiwang.kernel.packs.contracts import Pack, PackSet

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Shape = Mapping[str, str]
_known: "WeakKeyDictionary[PackSet, dict[str, Shape]]" = WeakKeyDictionary()


def ordered(packs: Iterable[Pack]) -> list[Pack]:
    """Transformations, each after those that it reads of. Raises BadSql when they read of each other in a circle."""
    by_table = {pack.as_type(TransformationPack).table: pack for pack in packs}
    reads = {table: _reads(pack) & by_table.keys() for table, pack in sorted(by_table.items())}
    try:
        return [by_table[table] for table in TopologicalSorter(reads).static_order()]
    except CycleError as circle:
        raise BadSql(f"加工互相读取：{' → '.join(circle.args[1])}。", hint="请去掉其中一个输入。") from circle


def known(packs: PackSet) -> dict[str, Shape]:
    """Columns by table; a table that nobody describes, or whose SQL does not hold, is absent. Called with these packs in use."""
    if packs not in _known:
        found: dict[str, Shape] = {}
        for source in packs.all_of(SOURCE):
            for table, columns in _declared(source).items():
                found[table] = {**found.get(table, {}), **columns}
        for pack in _ordered_or_none(packs):
            body = pack.as_type(TransformationPack)
            try:
                found[body.table] = made_by(body, found)
            except (BadSql, KeyError):
                continue
        _known[packs] = found
    return _known[packs]


def of_inputs(body: TransformationPack, shapes: Mapping[str, Shape]) -> dict[str, Shape]:
    """Columns of each input by its name in the SQL. Raises KeyError, with the name, for one that nobody describes."""
    found = {}
    for name, part in body.inputs.items():
        said = part.columns if isinstance(part, InputPart) else {}
        table = body.tables[name]
        if not said and table not in shapes:
            raise KeyError(name)
        found[name] = said or shapes[table]
    return found


def made_by(body: TransformationPack, shapes: Mapping[str, Shape]) -> dict[str, str]:
    """Columns of what a transformation writes. Raises BadSql, KeyError."""
    inputs = of_inputs(body, shapes)
    parsed(body.sql, body.tables)
    with lakes.scratch() as lake:
        lay_out(lake, inputs)
        return described(lake, body.sql)


def lay_out(lake: "DuckDBPyConnection", inputs: Mapping[str, Shape]) -> None:
    for name, columns in inputs.items():
        listed = ", ".join(f"{quoted(column)} {type_}" for column, type_ in columns.items())
        lake.execute(f"CREATE TABLE {quoted(name)} ({listed})")


def described(lake: "DuckDBPyConnection", sql: str) -> dict[str, str]:
    """Raises BadSql, in DuckDB's words: there are no data yet that they could quote."""
    try:
        rows = lake.execute(f"DESCRIBE {lakes.require_select(sql)}").fetchall()
    except duckdb.Error as wrong:
        raise BadSql("SQL 对不上输入的列。", hint=str(wrong).splitlines()[0][:200]) from wrong
    return {str(row[0]): str(row[1]) for row in rows}


def _reads(pack: Pack) -> set[str]:
    return set(pack.as_type(TransformationPack).tables.values())


def _declared(source: Pack) -> Mapping[str, Shape]:
    try:
        return ingest.declared_tables(source)
    except YiwangError:
        return {}  # an element is missing: said of the source


def _ordered_or_none(packs: PackSet) -> list[Pack]:
    try:
        return ordered(packs.all_of(TRANSFORMATION))
    except BadSql:
        return []  # a circle: said of each that is in it
