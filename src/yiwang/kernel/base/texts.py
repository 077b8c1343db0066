"""Statements as the text that goes to the server: many in one, with their values written in."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from django.db import connection
from psycopg.adapt import Transformer

Statement = tuple[str, Sequence[Any]]
INSERT, _ROW_END = "INSERT INTO", "%s)"
_TEXTS_KEPT = 500


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
        found.append([_written_in(_pieces(sql), values, literal)])
        if sql.startswith(INSERT) and sql.endswith(_ROW_END):
            into[sql] = found[-1]
        else:
            into.clear()
    return [",".join(rows) for rows in found]


def _written_in(pieces: tuple[str, ...], values: Sequence[Any], literal: Callable[[Any], bytes]) -> str:
    if len(values) != len(pieces) - 1:
        raise ValueError(f"{len(pieces) - 1} values wanted, {len(values)} given: {pieces[0][:80]}")
    parts = [pieces[0]]
    for value, piece in zip(values, pieces[1:], strict=True):
        parts += (literal(value).decode(), piece)
    return "".join(parts)


@lru_cache(maxsize=_TEXTS_KEPT)
def _pieces(sql: str) -> tuple[str, ...]:
    """A statement between its values."""
    return tuple(piece.replace("%%", "%") for piece in sql.split("%s"))


@lru_cache(maxsize=_TEXTS_KEPT)
def _row_pieces(sql: str) -> tuple[str, ...]:
    """The values of one row of an `INSERT`."""
    return _pieces(sql[sql.rindex("(") :])
