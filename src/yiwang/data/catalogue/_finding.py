"""Lists of entries, the shortest titles first, in one statement that a connection plans once.

Of a few signs that stand in thousands of entries all would be read and sorted for one page. The index holds the lengths of titles beside
the pieces, so it gives those of a band of lengths; the next band is only looked at when the page is not full. Decision 227.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from django.db.models import Q

from yiwang.data.catalogue import _rights
from yiwang.data.catalogue.contracts import Filter
from yiwang.kernel.base import rows
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.paging import Page, seek
from yiwang.kernel.base.text import bigrams, pairs

_TEXT_MAX = 60
# Every band reads the lists of all pieces once more: with many of them one reading costs less than the rows of a band.
_PIECES_MOST = 2
# The longest titles of each band.
_ENDS = (9, 12, 15, 19, 25, 120)
_EQUAL = ("state", "sharing", "opening", "update_cycle", "org_id")
_OF_SYSTEM = "catalogue_resource.system_id = (SELECT id FROM catalogue_system WHERE code = %(system)s)"
_OF_ELEMENT = (
    "EXISTS (SELECT FROM catalogue_item WHERE resource_id = catalogue_resource.id AND element_id = %(element_id)s)"
)
# What no index is in the order of: the server may walk all entries by length for the few that have many pieces.
_WEIGHT_OF_FEW = "found.weight + 0"

GAPS: Mapping[str, tuple[str, str]] = {
    "contact": ("没有联系处室或电话", "(catalogue_resource.contact = '' OR catalogue_resource.phone = '')"),
    "system": ("没有所属系统", "catalogue_resource.system_id IS NULL"),
    "lake": ("没有汇聚到湖内", "catalogue_resource.lake_table = ''"),
    "matters": ("没有关联事项", "catalogue_resource.matters = '{}'"),
}


class Found(NamedTuple):
    """What a line of a list says of an entry."""

    id: int
    weight: int
    code: str
    title: str
    org_id: int
    sharing: str
    opening: str
    update_cycle: str
    state: str
    item_count: int
    lake_table: str


_SELECTED = ", ".join(f"catalogue_resource.{name}" for name in Found._fields)


def pieces_of(text: str) -> list[str]:
    """What the words of an entry must have, all of them, to be found by this text."""
    return bigrams(text[:_TEXT_MAX])


def of(by: Actor, wanted: Filter) -> Q:
    """The condition of such a list, for other questions about the same entries."""
    return _rights.as_condition(*_condition(by, wanted))


def page(by: Actor, wanted: Filter, *, cursor: str | None, size: int) -> Page[Found]:
    condition, values = _condition(by, wanted)
    pieces = len(values.get("pieces", ()))

    def fetch(beyond: list[Any] | None, backwards: bool, most: int) -> list[Found]:
        down = " DESC" if backwards else ""
        found = f"SELECT {_SELECTED} FROM catalogue_resource WHERE {condition}"
        given = dict(values)
        if beyond is not None:
            sign = "<" if backwards else ">"
            found += f" AND (weight, id) {sign} (%(beyond)s::smallint, %(beyond_id)s::bigint)"
            given |= {"beyond": beyond[0], "beyond_id": beyond[1]}
        if 0 < pieces <= _PIECES_MOST:
            sql = (
                f"SELECT found.* FROM (SELECT * FROM (VALUES {_BANDS}) AS v (place, weights) ORDER BY place{down}) AS band"
                f" CROSS JOIN LATERAL ({found} AND ARRAY[weight] && band.weights) AS found"
                f" ORDER BY band.place{down}, found.weight{down}, found.id{down} LIMIT {most:d}"
            )
        else:
            weight = _WEIGHT_OF_FEW if pieces else "found.weight"
            sql = f"SELECT * FROM ({found}) AS found ORDER BY {weight}{down}, found.id{down} LIMIT {most:d}"
        return [Found._make(row) for row in rows.fetch(sql, given)]

    return seek(fetch, names=["weight", "id"], cursor=cursor, size=size)


def _condition(by: Actor, wanted: Filter) -> tuple[str, dict[str, Any]]:
    seen, values = _rights.seen_sql(by)
    return " AND ".join([seen, *_narrowed(wanted, values)]), values


def _narrowed(wanted: Filter, values: dict[str, Any]) -> Iterator[str]:
    """What a list is narrowed by, as SQL whose values go into `values`."""
    for name in _EQUAL:
        if value := getattr(wanted, name):
            values[name] = value
            yield f"catalogue_resource.{name} = %({name})s"
    if wanted.system:
        values["system"] = wanted.system
        yield _OF_SYSTEM
    if wanted.element_id:
        values["element_id"] = wanted.element_id
        yield _OF_ELEMENT
    if wanted.gap in GAPS:
        yield GAPS[wanted.gap][1]
    if wanted.text:
        yield from _worded(wanted.text, values)


def _worded(text: str, values: dict[str, Any]) -> Iterator[str]:
    """Entries with all pieces, of which the index is asked for the fewest only: `IS TRUE` it does not know."""
    asked, held = pairs(text[:_TEXT_MAX]), pieces_of(text)
    if not held:
        return
    values["pieces"] = asked if len(asked) <= _PIECES_MOST else held
    yield "catalogue_resource.words @> %(pieces)s::varchar[]"
    if values["pieces"] != held:
        values["held"] = held
        yield "(catalogue_resource.words @> %(held)s::varchar[]) IS TRUE"


def _bands() -> Iterator[str]:
    first = 0
    for place, end in enumerate(_ENDS):
        yield f"({place}, ARRAY[{', '.join(map(str, range(first, end + 1)))}]::smallint[])"
        first = end + 1


_BANDS = ", ".join(_bands())
