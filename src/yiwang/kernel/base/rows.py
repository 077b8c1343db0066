"""Rows written in few round trips: on the path of every action the way to the database costs more than the row.

Inside `together()` a statement that needs no answer waits and is sent with the others: before anything else is asked on the
connection, so that whoever reads sees it, and at the end of the block. Statements are built once for a model, not for a row.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any, TypeVar

from django.db import connection
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.backends.utils import CursorWrapper
from django.db.models import Field, Model

Row = TypeVar("Row", bound=Model)
Statement = tuple[str, Sequence[Any]]
End = Callable[[list[Any]], None]
_INSERT = "INSERT INTO"


class _Batch:
    """Statements that wait, and what gathers for the end."""

    def __init__(self) -> None:
        self.waiting: list[Statement] = []
        self.gathered: dict[End, list[Any]] = {}

    def __call__(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        """Stands in front of every statement of the connection."""
        if str(sql).startswith("ROLLBACK"):
            self.waiting.clear()
        else:
            self.send()
        return execute(sql, params, many, context)

    def send(self) -> None:
        statements, self.waiting = self.waiting, []
        if statements:
            _execute(statements)

    def end(self) -> None:
        while self.gathered:
            end, items = self.gathered.popitem()
            end(items)
        self.send()


_batch: ContextVar[_Batch | None] = ContextVar("batch", default=None)


@contextmanager
def together() -> Iterator[None]:
    """Keep statements that need no answer until they are needed; inside a transaction only. A block within one is part of it."""
    if _batch.get() is not None:
        yield
        return
    batch = _Batch()
    token = _batch.set(batch)
    try:
        with connection.execute_wrapper(batch):
            yield
            batch.end()
    finally:
        _batch.reset(token)


def gather(end: End, item: Any) -> None:
    """Keep something for the end of the block, where `end` gets all that gathered for it; at once without a block."""
    batch = _batch.get()
    if batch is None:
        end([item])
    else:
        batch.gathered.setdefault(end, []).append(item)


def later(sql: str, values: Sequence[Any]) -> None:
    """Run a statement whose answer nobody needs."""
    batch = _batch.get()
    if batch is None:
        _execute([(sql, values)])
    else:
        batch.waiting.append((sql, values))


def ask(*statements: Statement) -> list[list[tuple[Any, ...]]]:
    """The answers of several statements, in one round trip; each sees what those before it did."""
    with connection.cursor() as cursor:
        cursor.execute(*_joined(statements))
        answers = [list(cursor.fetchall())]
        while cursor.nextset():
            answers.append(list(cursor.fetchall()))
    return answers


def fetch(sql: str, values: Sequence[Any] | Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """The answer to a question that every request asks: once a connection knows it, the server does not plan it again.

    Values are bound by the server: cast those whose type the place does not tell, and ask for lists by `= ANY(%s)`.
    """
    with _bound_by_server() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def insert(row: Model) -> None:
    """Insert a row; one without a key gets it from the database and does not learn it."""
    fields = _written(type(row), row.pk is not None)
    later(_insert(type(row), row.pk is not None), [_value(row, field) for field in fields])
    row._state.adding = False
    row._state.db = connection.alias


def update(row: Model, names: Sequence[str]) -> None:
    """Write some fields of a row."""
    fields = [row._meta.get_field(name) for name in names]
    later(_update(type(row), tuple(names)), [*(_value(row, field) for field in fields), row.pk])


def columns(model: type[Model], *, without: Sequence[str] = ()) -> str:
    """The columns of a model for `SELECT`, in the order that `read` expects."""
    return ", ".join(str(field.column) for field in _read(model, tuple(without)))


def read(model: type[Row], answer: Sequence[tuple[Any, ...]], *, without: Sequence[str] = ()) -> list[Row]:
    """Model rows from the answer to a statement over `columns`; what is left out is read when it is asked for."""
    fields = _read(model, tuple(without))
    names = [field.attname for field in fields]
    converters = _converters(model, tuple(without))
    found = []
    for values in answer:
        plain = list(values)
        for index, convert in converters:
            plain[index] = convert(plain[index], None, connection)
        found.append(model.from_db(connection.alias, names, plain))
    return found


def _bound_by_server() -> CursorWrapper:
    """The cursor that Django hands out writes values into the text, and no two texts are one statement. Who reads the log wants just that."""
    if connection.queries_logged:
        return connection.cursor()
    connection.ensure_connection()
    bare: Any = ServerBindingCursor
    return connection.make_cursor(bare(connection.connection))


def _execute(statements: Sequence[Statement]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(*_joined(statements))


def _joined(statements: Sequence[Statement]) -> tuple[str, list[Any]]:
    """One text for all; rows that follow each other into the same table are one statement."""
    texts: list[str] = []
    before = ""
    for sql, _ in statements:
        if sql == before and sql.startswith(_INSERT):
            texts[-1] += "," + sql[sql.rindex("(") :]
        else:
            texts.append(sql)
        before = sql
    return "; ".join(texts), [value for _, values in statements for value in values]


def _value(row: Model, field: Any) -> Any:
    return field.get_db_prep_save(getattr(row, field.attname), connection)


@cache
def _written(model: type[Model], has_key: bool) -> tuple["Field[Any, Any]", ...]:
    return tuple(field for field in model._meta.concrete_fields if has_key or not field.primary_key)


@cache
def _insert(model: type[Model], has_key: bool) -> str:
    names = [str(field.column) for field in _written(model, has_key)]
    marks = ", ".join(["%s"] * len(names))
    return f"{_INSERT} {model._meta.db_table} ({', '.join(names)}) VALUES ({marks})"


@cache
def _update(model: type[Model], names: tuple[str, ...]) -> str:
    found = [model._meta.get_field(name) for name in names]
    values = ", ".join(f"{field.column} = %s" for field in found if isinstance(field, Field))
    return f"UPDATE {model._meta.db_table} SET {values} WHERE {model._meta.pk.column} = %s"


@cache
def _read(model: type[Model], without: tuple[str, ...]) -> tuple["Field[Any, Any]", ...]:
    return tuple(field for field in model._meta.concrete_fields if field.name not in without)


@cache
def _converters(model: type[Model], without: tuple[str, ...]) -> tuple[tuple[int, Callable[..., Any]], ...]:
    return tuple(
        (index, convert)
        for index, field in enumerate(_read(model, without))
        for convert in field.get_db_converters(connection)
    )
