"""Which tables of the lake a query names."""

import sqlglot
from sqlglot import exp

from yiwang.data.engine.contracts import CannotQuery


def tables_of(query: str) -> list[str]:
    """Names as `layer.table`, in order. Raises CannotQuery."""
    try:
        tree = sqlglot.parse_one(query, dialect="duckdb")
    except sqlglot.errors.SqlglotError as wrong:
        raise CannotQuery("查询写得不对。", hint="请核对 SQL。") from wrong
    return sorted({f"{each.db}.{each.name}" for each in tree.find_all(exp.Table) if each.db})
