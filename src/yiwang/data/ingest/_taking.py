"""From `found` into the lake: repeats counted out, rows appended piece by piece under keys, what was set aside kept too."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from yiwang.data.engine import actions as engine
from yiwang.data.engine import queries as lakes
from yiwang.data.engine.queries import quoted
from yiwang.data.ingest.contracts import Stage
from yiwang.kernel.base.contracts import Actor

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

PIECE = 1_000_000
SHOWN = 1000


@dataclass(frozen=True, slots=True)
class Into:
    """Where a batch goes: its number, its resource, whether it is the whole or an addition, and on whose word."""

    batch_id: int
    resource: str
    is_full: bool
    by: Actor
    at: datetime


def rename(lake: "DuckDBPyConnection", renamed: Mapping[str, str], missing: Sequence[str]) -> None:
    """Call found columns as they are declared; declared ones that are not there are empty."""
    for name, found in renamed.items():
        lake.execute(f"ALTER TABLE found RENAME COLUMN {quoted(found)} TO {quoted(name)}")
    for name in missing:
        lake.execute(f"ALTER TABLE found ADD COLUMN {quoted(name)} VARCHAR")


def drop_repeats(lake: "DuckDBPyConnection", into: Into, names: Sequence[str]) -> int:
    """Remove rows that were delivered before, in every column alike; answers how many."""
    listed = ", ".join(map(quoted, names))
    lake.execute(
        f"CREATE OR REPLACE TABLE twins AS SELECT h FROM (SELECT hash({listed}) AS h FROM found) GROUP BY h HAVING count(*) > 1"
    )
    lake.execute(
        f"CREATE OR REPLACE TABLE repeats AS SELECT _line FROM (SELECT _line, row_number() OVER (PARTITION BY {listed} ORDER BY _line) AS n"
        f" FROM found WHERE hash({listed}) IN (SELECT h FROM twins)) WHERE n > 1"
    )
    if not into.is_full:
        _find_known(lake, into, names)
    repeated = count(lake, "repeats")
    if repeated:
        lake.execute("DELETE FROM found WHERE _line IN (SELECT _line FROM repeats)")
    lake.execute("DROP TABLE twins; DROP TABLE repeats")
    return repeated


def _find_known(lake: "DuckDBPyConnection", into: Into, names: Sequence[str]) -> None:
    table = raw_table(into.resource)
    known = {column.name for column in lakes.columns(table)} if lakes.find_table(table) else set()
    if not known:
        return
    relation = lakes.mount(lake, table, alias="known_rows")
    given = ", ".join(quoted(name) if name in known else f"NULL::VARCHAR AS {quoted(name)}" for name in names)
    same = " AND ".join(f"k.{quoted(name)} IS NOT DISTINCT FROM f.{quoted(name)}" for name in names)
    mine, theirs = (f"hash({', '.join(f'{side}.{quoted(name)}' for name in names)})" for side in "fk")
    # Rows of this batch that an interrupted run committed are its own, no repeats.
    lake.execute(
        f"INSERT INTO repeats SELECT DISTINCT f._line FROM found f JOIN (SELECT {given} FROM {relation} WHERE _batch <> {into.batch_id}) k"
        f" ON {mine} = {theirs} AND {same} WHERE f._line NOT IN (SELECT _line FROM repeats)"
    )


def take(lake: "DuckDBPyConnection", into: Into, names: Sequence[str], tell: Callable[[int], None]) -> int:
    """Commit `found` to the raw layer; an interrupted run goes on after its last piece. Answers how many rows."""
    table, listed = raw_table(into.resource), ", ".join(map(quoted, names))
    rows = f"SELECT {into.batch_id}::BIGINT AS _batch, _line, {listed} FROM found"
    total = count(lake, "found")
    if into.is_full:
        commit(lake, into, table, "raw", rows, "whole", mode="replace")
        return total
    row: Any = lake.execute("SELECT coalesce(max(_line), 0) FROM found").fetchone()
    for number, first in enumerate(range(0, int(row[0]) + 1, PIECE)):
        piece = f"{rows} WHERE _line BETWEEN {first} AND {first + PIECE - 1}"
        commit(lake, into, table, "raw", piece, str(number), mode="append")
        tell(min(100, (first + PIECE) * 100 // max(int(row[0]), 1)))
    return total


def standardise(lake: "DuckDBPyConnection", into: Into, names: Sequence[str]) -> tuple[int, int]:
    """Commit the rows of `typed` that fit to the standard layer; answers how many fitted and how many did not."""
    listed = ", ".join(map(quoted, names))
    rows = f"SELECT {into.batch_id}::BIGINT AS _batch, _line, {listed} FROM typed WHERE _words IS NULL"
    mode = "replace" if into.is_full else "append"
    commit(lake, into, standard_table(into.resource), "standard", rows, "typed", mode=mode)
    row: Any = lake.execute(
        "SELECT count(*) FILTER (_words IS NULL), count(*) FILTER (_words IS NOT NULL) FROM typed"
    ).fetchone()
    return int(row[0]), int(row[1])


def set_aside(lake: "DuckDBPyConnection", into: Into, names: Sequence[str], *, has_typed: bool) -> dict[str, int]:
    """Keep every row set aside in the lake, in `aside` those to be shown; answers how many for which reason."""
    content = _content(names)
    unfit = (
        f" UNION ALL SELECT '{Stage.STANDARD}', t._line, t._column, 'element', t._words, {content} FROM typed t JOIN found f USING (_line)"
        " WHERE t._words IS NOT NULL"
        if has_typed
        else ""
    )
    lake.execute(
        f"CREATE OR REPLACE TABLE aside AS SELECT {into.batch_id}::BIGINT AS _batch, * FROM "
        f"(SELECT '{Stage.READ}' AS stage, _line, '' AS \"column\", reason, words, left(content, 100000) AS content FROM broken{unfit})"
    )
    if count(lake, "aside"):
        commit(lake, into, quarantine_table(into.resource), "raw", "SELECT * FROM aside", "aside", mode="append")
    counted = "SELECT words AS why, count(*) FROM aside GROUP BY why ORDER BY 2 DESC, 1 LIMIT 50"
    return {str(why): int(number) for why, number in lake.execute(counted).fetchall()}


def shown(lake: "DuckDBPyConnection") -> list[tuple[Any, ...]]:
    """The first rows set aside, for people to look at."""
    return lake.execute(
        f'SELECT stage, _line, "column", reason, words, left(content, 4000) FROM aside ORDER BY _line, stage LIMIT {SHOWN}'
    ).fetchall()


def raw_table(resource: str) -> str:
    return f"raw.{resource}"


def standard_table(resource: str) -> str:
    return f"standard.{resource}"


def quarantine_table(resource: str) -> str:
    return f"raw.{resource}.quarantine"


def _content(names: Sequence[str]) -> str:
    parts = ", ".join(f"coalesce(f.{quoted(name)}, '')" for name in names)
    return f"concat_ws(',', {parts})"


def commit(lake: "DuckDBPyConnection", into: Into, table: str, layer: str, rows: str, part: str, *, mode: Any) -> None:
    """A snapshot of a table for a part of the batch; once, whoever asks again."""
    engine.declare(name=table, layer=layer, by=into.by, at=into.at)
    engine.commit(
        table=table, source=rows, connection=lake, mode=mode, key=f"batch:{into.batch_id}:{part}", evolve=True,
        made_by=f"ingest:{into.batch_id}", by=into.by, at=into.at,
    )  # fmt: skip


def count(lake: "DuckDBPyConnection", table: str) -> int:
    """How many rows a table has; a condition may follow its name."""
    row: Any = lake.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(row[0])
