"""Reading only what is new: the views over which a transformation's SQL then runs as if that were all there is."""

from typing import TYPE_CHECKING

from yiwang.data.engine.queries import quoted
from yiwang.data.transform.kinds import IncrementalPart

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def narrow(lake: "DuckDBPyConnection", part: IncrementalPart, *, everything: str, new: str) -> None:
    """The view `part.input`: the rows of `new`, or with a key all rows of the keys that `new` names (kept in `_keys`)."""
    view = quoted(part.input)
    if part.key is None:
        lake.execute(f"CREATE OR REPLACE VIEW {view} AS SELECT * FROM {new}")
        return
    key = quoted(part.key)
    lake.execute(f"CREATE OR REPLACE TEMP TABLE _keys AS SELECT DISTINCT {key} AS k FROM {new}")
    lake.execute(
        f"CREATE OR REPLACE VIEW {view} AS SELECT * FROM {everything} a WHERE EXISTS "
        f"(SELECT 1 FROM _keys WHERE _keys.k IS NOT DISTINCT FROM a.{key})"
    )


def result(sql: str, part: IncrementalPart | None, before: str | None) -> str:
    """What to write: the query's rows, and with a key those of `before` that it does not speak of."""
    if part is None or part.key is None or before is None:
        return f"SELECT * FROM ({sql}\n)"
    kept = f"SELECT * FROM {before} b WHERE NOT EXISTS (SELECT 1 FROM _keys WHERE _keys.k IS NOT DISTINCT FROM b.{quoted(part.key)})"
    return f"{kept} UNION ALL BY NAME SELECT * FROM ({sql}\n)"
