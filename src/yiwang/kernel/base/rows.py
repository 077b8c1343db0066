"""Rows written in few round trips: on the path of every action the way to the database costs more than the row.

Inside `together()` a statement that needs no answer waits and is sent with the others: before anything else is asked on the
connection, so that whoever reads sees it, and at the end of the block. A savepoint waits too, and one that is released before
anything was asked is never made. Statements are built once for a model, not for a row, and planned once a connection (`wire`).
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple, TypeVar

from django.contrib.postgres.fields import ArrayField
from django.db import DEFAULT_DB_ALIAS, connection, models
from django.db.models import Field, Model
from django.db.models.base import ModelState

from yiwang.kernel.base import wire
from yiwang.kernel.base.texts import INSERT, placed, texts
from yiwang.kernel.base.texts import Statement as Statement

Row = TypeVar("Row", bound=Model)
Found = TypeVar("Found")
End = Callable[[list[Any]], None]
MANY = 40
_SAVE, _RELEASE, _BACK = "SAVEPOINT ", "RELEASE SAVEPOINT ", "ROLLBACK TO SAVEPOINT "
_AS_IS: tuple[tuple[type["Field[Any, Any]"], frozenset[type]], ...] = (
    (models.CharField, frozenset({str})),
    (models.BooleanField, frozenset({bool})),
    (models.DateTimeField, frozenset({datetime})),
    (models.IntegerField, frozenset({int})),
    (models.ForeignKey, frozenset({int})),
)


class _Column(NamedTuple):
    """A column that is written: where its value stands, and which types of it are stored as they are."""

    field: Any
    attribute: str
    kept_as_is: frozenset[type]


class _Batch:
    """Statements that wait, and what gathers for the end."""

    def __init__(self) -> None:
        self.waiting: list[Statement] = []
        self.gathered: dict[End, list[Any]] = {}
        self.remembered: dict[Hashable, Any] = {}
        self.is_sending = False

    def __call__(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        """Stands in front of every statement of the connection."""
        if not self.is_sending:
            text = str(sql)
            if not text.startswith((_SAVE, _RELEASE, _BACK)):
                self.send()
            elif self.keeps(text):
                return None
        return execute(sql, params, many, context)

    def keeps(self, text: str) -> bool:
        """Whether a savepoint's statement need not be sent by itself."""
        if text.startswith(_SAVE):
            self.waiting.append((text, ()))
            return True
        is_release = text.startswith(_RELEASE)
        mark: Statement = (_SAVE + text.removeprefix(_RELEASE if is_release else _BACK), ())
        if mark in self.waiting:
            where = self.waiting.index(mark)
            del self.waiting[where if is_release else where + 1 : where + 1 if is_release else None]
            return True
        if is_release:
            self.waiting.append((text, ()))
            return True
        self.waiting.clear()
        return False

    def send(self) -> None:
        if statements := self.take():
            _send(statements, self)

    def take(self) -> list[Statement]:
        statements, self.waiting = self.waiting, []
        return statements

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


def remember(key: Hashable, find: Callable[[], Found]) -> Found:
    """What `find` answers, asked once in a block: for what no action changes after others have read it."""
    batch = _batch.get()
    if batch is None:
        return find()
    if key not in batch.remembered:
        batch.remembered[key] = find()
    found: Found = batch.remembered[key]
    return found


def later(sql: str, values: Sequence[Any]) -> None:
    """Run a statement whose answer nobody needs."""
    batch = _batch.get()
    if batch is None:
        _send([(sql, values)], None)
    else:
        batch.waiting.append((sql, values))


def ask(*statements: Statement) -> list[list[tuple[Any, ...]]]:
    """The answers of several statements, in one round trip with those that wait; each sees what those before it did."""
    batch = _batch.get()
    waiting = batch.take() if batch else []
    if len(waiting) > MANY:
        _send(waiting, batch)
        waiting = []
    return wire.exchange([*waiting, *statements], past=batch)[len(waiting) :]


def fetch(sql: str, values: Sequence[Any] | Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """The answer to one question; ask for lists by `= ANY(%s)`, and a list of another length is the same question."""
    return ask(placed(sql, values) if isinstance(values, Mapping) else (sql, values))[0]


def keys(model: type[Model], count: int) -> list[int]:
    """Keys for rows to come, so that they can be written together and still be told apart."""
    if not count:
        return []
    (drawn,) = ask((f"SELECT nextval('{model._meta.db_table}_id_seq') FROM generate_series(1, %s)", [count]))
    return [int(key) for (key,) in drawn]


def key(model: type[Model]) -> Statement:
    """What draws one key, for whoever asks more in the same round trip."""
    return f"SELECT nextval('{model._meta.db_table}_id_seq')", ()


def insert(row: Model) -> None:
    """Insert a row; one without a key gets it from the database and does not learn it."""
    has_key = row.pk is not None
    later(_insert(type(row), has_key), _values(row, _written(type(row), has_key)))
    row._state.adding = False
    row._state.db = DEFAULT_DB_ALIAS


def add(model: type[Model], values: Mapping[str, Any]) -> None:
    """Insert a row of which nobody needs more than that it is there; columns that are not named take their defaults.

    Raises TypeError for what is no column.
    """
    usual = _usual(model, tuple(values))
    given = [
        usual[name] if (name := column.attribute) in usual else _stored(column, values[name])
        for column in _written(model, False)
    ]
    later(_insert(model, False), given)


def copy_in(made: Sequence[Model]) -> None:
    """Insert many rows of one table by COPY; each has its key (`keys`)."""
    if not made:
        return
    model = type(made[0])
    columns = _written(model, True)
    names = ", ".join(str(column.field.column) for column in columns)
    if (batch := _batch.get()) is not None:
        batch.send()
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {model._meta.db_table} ({names}) FROM STDIN") as copy,
    ):
        for row in made:
            copy.write_row(_values(row, columns))


def insert_new(made: Sequence[Row]) -> list[Row]:
    """Insert rows unless one stands in their way by a constraint of uniqueness; those that were inserted, which learn their keys."""
    if not made:
        return []
    model = type(made[0])
    statement, columns = (
        f"{_insert(model, False)} ON CONFLICT DO NOTHING RETURNING {model._meta.pk.column}",
        _written(model, False),
    )
    answers = ask(*((statement, _values(row, columns)) for row in made))
    new = [(row, answer[0][0]) for row, answer in zip(made, answers, strict=True) if answer]
    for row, key in new:
        row.pk = key
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
    return [row for row, _ in new]


def update(row: Model, names: Sequence[str]) -> None:
    """Write some fields of a row."""
    named = tuple(names)
    later(_update(type(row), named), [*_values(row, _changed(type(row), named)), row.pk])


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
        found.append(_row(model, zip(names, plain, strict=True)))
    return found


def _send(statements: Sequence[Statement], batch: _Batch | None) -> None:
    """Many rows go as text, an `INSERT` for each table: that costs the server less than one at a time, prepared or not."""
    if len(statements) <= MANY:
        wire.exchange(statements, past=batch)
        return
    with connection.cursor() as cursor:
        _run(cursor, "; ".join(texts(statements)), batch)


def _run(cursor: Any, text: str, batch: _Batch | None) -> None:
    """Past the block's own watch: what the text holds has waited already."""
    if batch is None:
        cursor.execute(text)
        return
    was, batch.is_sending = batch.is_sending, True
    try:
        cursor.execute(text)
    finally:
        batch.is_sending = was


def _row(model: type[Row], values: Iterable[tuple[str, Any]]) -> Row:
    """A row of the database as its model, without asking each field what to do with its value: it is stored already."""
    row = model.__new__(model)
    row._state = ModelState()
    row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
    vars(row).update(values)
    return row


def _values(row: Model, columns: Sequence[_Column]) -> list[Any]:
    values = vars(row)
    return [
        value
        if (value := values[column.attribute]) is None or type(value) in column.kept_as_is
        else column.field.get_db_prep_save(value, connection)
        for column in columns
    ]


def _stored(column: _Column, value: Any) -> Any:
    is_plain = value is None or type(value) in column.kept_as_is
    return value if is_plain else column.field.get_db_prep_save(value, connection)


@cache
def _written(model: type[Model], has_key: bool) -> tuple[_Column, ...]:
    return tuple(_column(field) for field in model._meta.concrete_fields if has_key or not field.primary_key)


@cache
def _changed(model: type[Model], names: tuple[str, ...]) -> tuple[_Column, ...]:
    return tuple(_column(model._meta.get_field(name)) for name in names)


@cache
def _usual(model: type[Model], names: tuple[str, ...]) -> Mapping[str, Any]:
    """What stands in the columns that are not named."""
    columns = {column.attribute: column for column in _written(model, False)}
    if unknown := set(names) - columns.keys():
        raise TypeError(f"{model.__name__} has no {sorted(unknown)}")
    return {name: _stored(each, each.field.get_default()) for name, each in columns.items() if name not in names}


def _column(field: Any) -> _Column:
    return _Column(field, field.attname, _kept_as_is(field))


def _kept_as_is(field: "Field[Any, Any]") -> frozenset[type]:
    """Types of values that a column stores as they are: to find that out anew for each value costs more than writing it."""
    if isinstance(field, ArrayField):
        return frozenset({list}) if _kept_as_is(field.base_field) else frozenset()
    return next((types for kind, types in _AS_IS if isinstance(field, kind)), frozenset())


@cache
def _insert(model: type[Model], has_key: bool) -> str:
    names = [str(column.field.column) for column in _written(model, has_key)]
    marks = ", ".join(["%s"] * len(names))
    return f"{INSERT} {model._meta.db_table} ({', '.join(names)}) VALUES ({marks})"


@cache
def _update(model: type[Model], names: tuple[str, ...]) -> str:
    values = ", ".join(f"{column.field.column} = %s" for column in _changed(model, names))
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
