"""What changes in a followed table, in the lake: the raw layer keeps every change, the standard layer the rows as they now are."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from yiwang.data.engine import queries as lakes
from yiwang.data.engine.queries import literal, quoted
from yiwang.data.ingest._taking import Into, commit, count, raw_table, standard_table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

GONE = "('delete', 'truncate')"
_NOT_SENT = "没有送来的长值，之前也没有取到"


def look(lake: "DuckDBPyConnection", key: Sequence[str]) -> None:
    """Note whose state this batch changes (`touched`), and whether what was before counts any more (`emptied`)."""
    listed = ", ".join(map(quoted, key))
    lake.execute(
        "CREATE OR REPLACE TABLE emptied AS SELECT coalesce(max(_line) FILTER (change = 'truncate'), 0) AS since,"
        " coalesce(bool_or(change IN ('snapshot', 'truncate')), false) AS anew FROM found"
    )
    lake.execute(
        f"CREATE OR REPLACE TABLE touched AS SELECT {listed}, max(_line) AS newest, max_by(change, _line) AS change FROM found"
        f" WHERE _line > (SELECT since FROM emptied) GROUP BY {listed}"
    )


def fill_kept(lake: "DuckDBPyConnection", into: Into, names: Sequence[str], key: Sequence[str]) -> None:
    """Give long values that were not sent again as the row last had them; a row whose value nobody knows is set aside."""
    there = "SELECT DISTINCT unnest(string_split(change_kept, '|')) FROM found WHERE coalesce(change_kept, '') <> ''"
    content = f"concat_ws(',', {', '.join(map(quoted, names))})"
    for (name,) in lake.execute(there).fetchall():
        _find_last(lake, into, name, key)
        lake.execute(
            f"UPDATE found SET {quoted(name)} = last.was.v FROM last WHERE last._line = found._line AND last.was IS NOT NULL"
        )
        unknown = "WHERE _line IN (SELECT _line FROM last WHERE was IS NULL)"
        lake.execute(f"INSERT INTO broken SELECT _line, 'kept', '{_NOT_SENT}', {content} FROM found {unknown}")
        lake.execute(f"DELETE FROM found {unknown}")
        lake.execute("DROP TABLE last")


def _find_last(lake: "DuckDBPyConnection", into: Into, name: str, key: Sequence[str]) -> None:
    """For each row in which a value was not sent: what it was before, wrapped, since it may well have been empty."""
    keys, value = ", ".join(map(quoted, key)), quoted(name)
    told = f"SELECT _line, {keys}, change_mark, {value} AS v, list_contains(string_split(coalesce(change_kept, ''), '|'), {literal(name)}) AS kept FROM found"
    before = _before(lake, into, [*key, name])
    if before:
        told += f" UNION ALL SELECT NULL, {keys}, change_mark, {value}, false FROM {before}"
    was = f"last_value(CASE WHEN NOT kept THEN {{'v': v}} END IGNORE NULLS) OVER (PARTITION BY {keys} ORDER BY change_mark)"
    lake.execute(
        f"CREATE OR REPLACE TABLE last AS SELECT _line, was FROM (SELECT _line, kept, {was} AS was FROM ({told})) WHERE kept AND _line IS NOT NULL"
    )


def part_living(lake: "DuckDBPyConnection") -> int:
    """Leave in `found` only rows that say how something is; answers how many say that something is gone."""
    gone = count(lake, f"found WHERE change IN {GONE}")
    lake.execute(f"DELETE FROM found WHERE change IN {GONE}")
    return gone


def standardise(lake: "DuckDBPyConnection", into: Into, names: Sequence[str], key: Sequence[str]) -> tuple[int, int]:
    """Commit the standard layer as it now is: rows that this batch does not touch, and the newest of each that it does.

    A row whose newest state does not fit is not there until it does. Answers how many fitted and how many did not.
    """
    listed = ", ".join(map(quoted, names))
    now = (
        f"SELECT {into.batch_id}::BIGINT AS _batch, _line, {listed} FROM typed WHERE _words IS NULL AND _line IN"
        f" (SELECT newest FROM touched WHERE change NOT IN {GONE})"
    )
    row = lake.execute("SELECT anew FROM emptied").fetchone()
    stays = "" if row and row[0] else _staying(lake, into, names, key)
    commit(lake, into, standard_table(into.resource), "standard", stays + now, "typed", mode="replace")
    lake.execute("DROP TABLE emptied; DROP TABLE touched")
    return count(lake, "typed WHERE _words IS NULL"), count(lake, "typed WHERE _words IS NOT NULL")


def _staying(lake: "DuckDBPyConnection", into: Into, names: Sequence[str], key: Sequence[str]) -> str:
    """The standard rows of before that are of none of the keys touched; told by the raw rows that they come from."""
    table = standard_table(into.resource)
    before = _before(lake, into, key)
    if not lakes.find_table(table) or not lakes.current(table) or not before:
        return ""
    known = {column.name for column in lakes.columns(table)}
    relation = lakes.mount(lake, table, alias="stood")
    listed = ", ".join(quoted(name) if name in known else f"NULL AS {quoted(name)}" for name in names)
    same = " AND ".join(f"r.{quoted(name)} IS NOT DISTINCT FROM t.{quoted(name)}" for name in key)
    return (
        f"SELECT _batch, _line, {listed} FROM {relation} s WHERE _batch <> {into.batch_id} AND NOT EXISTS (SELECT 1 FROM"
        f" (SELECT r._batch, r._line FROM {before} r JOIN touched t ON {same}) o WHERE o._batch = s._batch AND o._line = s._line) UNION ALL "
    )


def _before(lake: "DuckDBPyConnection", into: Into, names: Sequence[str]) -> str:
    """What the raw layer held before this batch; empty where there is nothing, or never was such a column."""
    table = raw_table(into.resource)
    known = {column.name for column in lakes.columns(table)} if lakes.find_table(table) else set()
    if not known.issuperset(names):
        return ""
    return f"(SELECT * FROM {lakes.mount(lake, table, alias='known_rows')} WHERE _batch <> {into.batch_id})"


def foreign(found: Sequence[str], own: Sequence[str]) -> tuple[str, ...]:
    """Columns of the source, without those that say how a row changed."""
    return tuple(name for name in found if name not in own)
