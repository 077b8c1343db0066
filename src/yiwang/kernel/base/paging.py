"""Keyset paging: a page costs the same wherever it is in a list."""

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet

from yiwang.kernel.base.contracts import Invalid

T = TypeVar("T")
U = TypeVar("U")
SIZE_MAX = 200


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Items in order, and opaque cursors for the neighbouring pages (None at an end)."""

    items: list[T] = field(default_factory=list)
    next_cursor: str | None = None
    previous_cursor: str | None = None

    def map(self, change: Callable[[T], U]) -> "Page[U]":
        return Page([change(item) for item in self.items], self.next_cursor, self.previous_cursor)


def keyset(queryset: QuerySet[Any], *, order: tuple[str, ...], cursor: str | None, size: int = 20) -> Page[Any]:
    """One page of model rows or dicts by `order` (unique last column, no nulls), in one query.

    Raises Invalid for a cursor that was not made by us.
    """
    names = [name.lstrip("-") for name in order]

    def fetch(values: list[Any] | None, backwards: bool, most: int) -> list[Any]:
        directions = [name.startswith("-") != backwards for name in order]
        rows = queryset if values is None else queryset.filter(_beyond(names, directions, values))
        ordering = [("-" if down else "") + name for name, down in zip(names, directions, strict=True)]
        return list(rows.order_by(*ordering)[:most])

    return seek(fetch, names=names, cursor=cursor, size=size)


def seek(
    fetch: Callable[[list[Any] | None, bool, int], list[Any]], *, names: list[str], cursor: str | None, size: int = 20
) -> Page[Any]:
    """One page of rows that `fetch(values, backwards, most)` reads beyond a row's values of `names`: for own SQL.

    Backwards, `fetch` answers in reverse order. Raises Invalid for a cursor that was not made by us.
    """
    size = max(1, min(size, SIZE_MAX))
    backwards, values = _read(cursor, len(names))
    rows = fetch(values, backwards, size + 1)
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    has_next, has_previous = (values is not None, more) if backwards else (more, values is not None)
    return Page(
        rows,
        _write(rows[-1], names, False) if rows and has_next else None,
        _write(rows[0], names, True) if rows and has_previous else None,
    )


def _beyond(names: list[str], directions: list[bool], values: list[Any]) -> Q:
    condition = Q()
    for i, (name, down) in enumerate(zip(names, directions, strict=True)):
        equal = dict(zip(names[:i], values[:i], strict=True))
        condition |= Q(**equal, **{f"{name}__{'lt' if down else 'gt'}": values[i]})
    # The first column alone bounds the index scan; PostgreSQL does not derive it from the OR.
    first = f"{names[0]}__{'lte' if directions[0] else 'gte'}"
    return Q(**{first: values[0]}) & condition


def _read(cursor: str | None, width: int) -> tuple[bool, list[Any] | None]:
    if not cursor:
        return False, None
    try:
        backwards, values = json.loads(base64.urlsafe_b64decode(cursor.encode() + b"=="))
        if not isinstance(backwards, bool) or len(values) != width:
            raise ValueError
        return backwards, [_revive(value) for value in values]
    except (ValueError, TypeError, binascii.Error) as wrong:
        raise Invalid("翻页位置无效。", hint="请回到列表第一页。", code="base.bad-cursor") from wrong


def _revive(value: Any) -> Any:
    if isinstance(value, list):
        kind, text = value
        return {"t": datetime.fromisoformat, "d": date.fromisoformat}[kind](text)
    if not isinstance(value, str | int):
        raise ValueError
    return value


def _write(row: Any, names: list[str], backwards: bool) -> str:
    values = [_plain(_value(row, name)) for name in names]
    text = json.dumps([backwards, values], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _value(row: Any, name: str) -> Any:
    if isinstance(row, dict):
        return row[name]
    for part in name.split("__"):
        row = getattr(row, part)
    return row.pk if isinstance(row, Model) else row


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return ["t", value.isoformat()]
    return ["d", value.isoformat()] if isinstance(value, date) else value
