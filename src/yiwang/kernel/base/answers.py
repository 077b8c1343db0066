"""Contracts of ours in the shape that a schema describes: what comes from us is not read and checked as if it came from outside."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NamedTuple, get_args

from ninja import Schema


class _Part(NamedTuple):
    """A field of a schema: what works it out where the schema says so itself, and the schema of what stands in it."""

    name: str
    resolve: Callable[[Any], Any] | None
    schema: type[Schema] | None


def shaped(schema: type[Schema], item: Any) -> dict[str, Any]:
    """The fields of a schema from a contract, or from a mapping of its fields."""
    read = item.__getitem__ if isinstance(item, Mapping) else item.__getattribute__
    return {
        part.name: _within(part.schema, part.resolve(item) if part.resolve else read(part.name))
        for part in _parts(schema)
    }


def _within(schema: type[Schema] | None, value: Any) -> Any:
    if schema is None or value is None:
        return value
    return [shaped(schema, one) for one in value] if isinstance(value, list | tuple) else shaped(schema, value)


@cache
def _parts(schema: type[Schema]) -> tuple[_Part, ...]:
    return tuple(
        _Part(name, getattr(schema, f"resolve_{name}", None), _schema_of(field.annotation))
        for name, field in schema.model_fields.items()
    )


def _schema_of(annotation: Any) -> type[Schema] | None:
    """The schema in `X`, `X | None` or `list[X]`."""
    if isinstance(annotation, type) and issubclass(annotation, Schema):
        return annotation
    return next(filter(None, map(_schema_of, get_args(annotation))), None)
