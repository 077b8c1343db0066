"""Rows written past the engine by COPY, with ids from the tables' own sequences: only a bench in a database of its own may."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.apps import apps
from django.db import connection

_SIGNS = "34679ACDEFGHJKMNPQRTUVWXY"
# Prime to 25**8, so that consecutive numbers give distinct codes that look drawn.
_STRIDE = 97_654_321_987
_NULL = "\\N"

Row = dict[str, Any]


def drawn(table: str, count: int) -> Sequence[int]:
    """Ids drawn from a table's sequence, which nobody else uses meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(id), max(id) FROM (SELECT nextval(pg_get_serial_sequence(%s, 'id')) AS id"
            " FROM generate_series(1, %s)) AS drawn",
            [table, count],
        )
        first, last = cursor.fetchone()
    return range(first, last + 1)


def copy(cursor: Any, name: str, rows: list[Row]) -> None:
    """Copy rows of a model (`cases.Case`); columns that none of them names get the default of their field."""
    model = apps.get_model(name)
    known = [f for f in model._meta.concrete_fields if not f.primary_key or (rows and "id" in rows[0])]
    defaults = {f.column: _written(f.get_default()) for f in known}
    columns = list(defaults)
    with cursor.copy(f"COPY {model._meta.db_table} ({', '.join(columns)}) FROM STDIN") as copy:
        for lines in _joined(rows, columns, defaults):
            copy.write(lines)


def _joined(rows: Iterable[Row], columns: Sequence[str], defaults: Row) -> Iterator[str]:
    for row in rows:
        yield "\t".join([_written(row[name]) if name in row else defaults[name] for name in columns]) + "\n"


def _written(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return _NULL
    if isinstance(value, bool):
        return "t" if value else "f"
    return json.dumps(value) if isinstance(value, dict) else str(value)


def bytes_(sealed: bytes) -> str:
    """Sealed bytes as COPY reads them."""
    return "\\\\x" + sealed.hex()


def code(n: int) -> str:
    """A query code that looks drawn; another for each number."""
    left, signs = n * _STRIDE % 25**8, []
    for _ in range(8):
        left, sign = divmod(left, 25)
        signs.append(_SIGNS[sign])
    return "".join(signs)
