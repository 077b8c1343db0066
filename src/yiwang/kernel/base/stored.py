"""The rows of a model as they are written and read: columns, statements and values, worked out once a model (`rows`)."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache, partial
from typing import Any, NamedTuple, TypeVar

from django.contrib.postgres.fields import ArrayField
from django.db import DEFAULT_DB_ALIAS, connection, models
from django.db.models import Field, Model
from django.db.models.base import ModelState
from psycopg.types.json import Jsonb
from pydantic_core import from_json

from yiwang.kernel.base.fields import SealedJSONField, SealedTextField
from yiwang.kernel.base.texts import INSERT

Row = TypeVar("Row", bound=Model)
_AS_IS: tuple[tuple[type["Field[Any, Any]"], frozenset[type]], ...] = (
    (models.CharField, frozenset({str})),
    (models.BooleanField, frozenset({bool})),
    (models.DateTimeField, frozenset({datetime})),
    (models.IntegerField, frozenset({int})),
    (models.ForeignKey, frozenset({int})),
)


class Column(NamedTuple):
    """A column that is written: where its value stands, which types of it are stored as they are, and how others are."""

    field: Any
    attribute: str
    kept_as_is: frozenset[type]
    write: Callable[[Any], Any]


def stored_row(model: type[Row], values: Iterable[tuple[str, Any]]) -> Row:
    """A row of the database as its model, without asking each field what to do with its value: it is stored already."""
    row = empty_row(model)
    row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
    vars(row).update(values)
    return row


def empty_row(model: type[Row]) -> Row:
    row = model.__new__(model)
    row._state = ModelState()
    return row


@cache
def fresh(model: type[Model]) -> tuple[Mapping[str, Any], tuple[tuple[str, Callable[[], Any]], ...]]:
    """What stands in the columns of a row that is begun, and of which of them each row has its own."""
    fields = model._meta.concrete_fields
    own = {field.attname: field.default for field in fields if field.has_default() and callable(field.default)}
    plain = {field.attname: None if field.attname in own else field.get_default() for field in fields}
    return plain, tuple(own.items())


def values_of(row: Model, columns: Sequence[Column]) -> list[Any]:
    values = vars(row)
    return [
        value
        if (value := values[column.attribute]) is None or type(value) in column.kept_as_is
        else column.write(value)
        for column in columns
    ]


def as_stored(column: Column, value: Any) -> Any:
    is_plain = value is None or type(value) in column.kept_as_is
    return value if is_plain else column.write(value)


@cache
def written(model: type[Model], has_key: bool) -> tuple[Column, ...]:
    return tuple(_column(field) for field in model._meta.concrete_fields if has_key or not field.primary_key)


@cache
def changed(model: type[Model], names: tuple[str, ...]) -> tuple[Column, ...]:
    return tuple(_column(model._meta.get_field(name)) for name in names)


@cache
def usual(model: type[Model], names: tuple[str, ...]) -> Mapping[str, Any]:
    """What stands in the columns that are not named."""
    columns = {column.attribute: column for column in written(model, False)}
    if unknown := set(names) - columns.keys():
        raise TypeError(f"{model.__name__} has no {sorted(unknown)}")
    return {name: as_stored(each, each.field.get_default()) for name, each in columns.items() if name not in names}


def _column(field: Any) -> Column:
    return Column(field, field.attname, _kept_as_is(field), _writer(field))


def _writer(field: "Field[Any, Any]") -> Callable[[Any], Any]:
    """What Django comes to for each value after some questions, with these questions asked once."""
    if isinstance(field, SealedTextField | SealedJSONField):
        return field.get_prep_value
    if isinstance(field, models.JSONField):
        return partial(Jsonb, dumps=partial(json.dumps, cls=field.encoder))
    return lambda value: field.get_db_prep_save(value, connection)


def _kept_as_is(field: "Field[Any, Any]") -> frozenset[type]:
    """Types of values that a column stores as they are: to find that out anew for each value costs more than writing it."""
    if isinstance(field, ArrayField):
        return frozenset({list}) if _kept_as_is(field.base_field) else frozenset()
    return next((types for kind, types in _AS_IS if isinstance(field, kind)), frozenset())


@cache
def insertion(model: type[Model], has_key: bool) -> str:
    names = [str(column.field.column) for column in written(model, has_key)]
    marks = ", ".join(["%s"] * len(names))
    return f"{INSERT} {model._meta.db_table} ({', '.join(names)}) VALUES ({marks})"


@cache
def change(model: type[Model], names: tuple[str, ...]) -> str:
    values = ", ".join(f"{column.field.column} = %s" for column in changed(model, names))
    return f"UPDATE {model._meta.db_table} SET {values} WHERE {model._meta.pk.column} = %s"


@cache
def read_fields(model: type[Model], without: tuple[str, ...]) -> tuple["Field[Any, Any]", ...]:
    return tuple(field for field in model._meta.concrete_fields if field.name not in without)


@cache
def read_columns(model: type[Model], without: tuple[str, ...]) -> str:
    return ", ".join(str(field.column) for field in read_fields(model, without))


@cache
def converters(model: type[Model], without: tuple[str, ...]) -> tuple[tuple[int, Callable[..., Any]], ...]:
    return tuple(
        (index, convert)
        for index, field in enumerate(read_fields(model, without))
        for convert in ([_from_json] if _is_plain_json(field) else field.get_db_converters(connection))
    )


def _is_plain_json(field: "Field[Any, Any]") -> bool:
    return isinstance(field, models.JSONField) and field.decoder is None


def _from_json(text: str | None, *_: Any) -> Any:
    return None if text is None else from_json(text)
