"""Statements as the text that goes to the server: many in one, with their values written in."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from django.db import connection
from psycopg.adapt import Transformer

Statement = tuple[str, Sequence[Any]]
INSERT, _ROW_END = "INSERT INTO", "%s)"
TEXTS_KEPT = 500
_NAMED = re.compile(r"%\((\w+)\)s")


def texts(statements: Sequence[Statement]) -> list[str]:
    """Values written in; rows into the same table are one statement, as long as there are only rows in between.

    Each statement's text is taken apart once: what the driver would do to a long text anew with every call costs more than running it.
    """
    connection.ensure_connection()
    literal = Transformer(connection.connection).as_literal
    found: list[list[str]] = []
    into: dict[str, list[str]] = {}
    for sql, values in statements:
        if sql in into:
            into[sql].append(_written_in(_row_pieces(sql), values, literal))
            continue
        found.append([_written_in(pieces(sql), values, literal)])
        if sql.startswith(INSERT) and sql.endswith(_ROW_END):
            into[sql] = found[-1]
        else:
            into.clear()
    return [",".join(rows) for rows in found]


def _written_in(between: tuple[str, ...], values: Sequence[Any], literal: Callable[[Any], bytes]) -> str:
    if len(values) != len(between) - 1:
        raise ValueError(f"{len(between) - 1} values wanted, {len(values)} given: {between[0][:80]}")
    parts = [between[0]]
    for value, piece in zip(values, between[1:], strict=True):
        parts += (literal(value).decode(), piece)
    return "".join(parts)


def placed(sql: str, values: Mapping[str, Any]) -> Statement:
    """A statement whose values are named (`%(day)s`) as one whose values stand in order."""
    text, names = _names(sql)
    return text, [values[name] for name in names]


@lru_cache(maxsize=TEXTS_KEPT)
def _names(sql: str) -> tuple[str, tuple[str, ...]]:
    return _NAMED.sub("%s", sql), tuple(_NAMED.findall(sql))


@lru_cache(maxsize=TEXTS_KEPT)
def pieces(sql: str) -> tuple[str, ...]:
    """A statement between its values."""
    return tuple(piece.replace("%%", "%") for piece in sql.split("%s"))


@lru_cache(maxsize=TEXTS_KEPT)
def _row_pieces(sql: str) -> tuple[str, ...]:
    """The values of one row of an `INSERT`."""
    return pieces(sql[sql.rindex("(") :])
