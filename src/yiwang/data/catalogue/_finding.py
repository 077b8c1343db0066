"""Entries found by a few signs, the shortest titles first: the index is asked for short titles before long ones.

A piece that stands in thousands of entries would have them all read and sorted for one page. The index holds the lengths of titles beside
the pieces, so it gives those of a band of lengths; the next band is only looked at when the page is not full. Decision 227.
"""

from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import BooleanField, Q, QuerySet
from django.db.models.expressions import RawSQL

from yiwang.data.catalogue.models import Resource
from yiwang.kernel.base.paging import Page, seek

# Every band reads the lists of all pieces once more: with many of them one reading costs less than the rows of a band.
PIECES_MOST = 2
# The longest titles of each band.
_ENDS = (9, 12, 15, 19, 25, 120)
_IN_BAND = RawSQL("ARRAY[catalogue_resource.weight] && band.weights", (), output_field=BooleanField())


def has(pieces: list[str], all_pieces: list[str]) -> Q:
    """Entries with all pieces, of which the index is asked for the first only: `IS TRUE` it does not know."""
    found = Q(words__contains=pieces)
    if pieces == all_pieces:
        return found
    has_all = RawSQL("(catalogue_resource.words @> %s::varchar[]) IS TRUE", (all_pieces,), output_field=BooleanField())
    return found & Q(has_all)


def page(rows: QuerySet[Resource], *, cursor: str | None, size: int) -> Page[Resource]:
    """As `keyset` by weight and id, in one query."""

    def fetch(values: list[Any] | None, backwards: bool, most: int) -> list[Resource]:
        down = " DESC" if backwards else ""
        left = rows if values is None else rows.filter(_beyond(values, backwards))
        try:
            found, params = left.filter(_IN_BAND).order_by().query.sql_with_params()
        except EmptyResultSet:  # who may see nothing
            return []
        text = (
            f"SELECT found.* FROM (SELECT * FROM (VALUES {_bands()}) AS v (place, weights) ORDER BY place{down}) AS band"
            f" CROSS JOIN LATERAL ({found}) AS found ORDER BY band.place{down}, found.weight{down}, found.id{down} LIMIT {most}"
        )
        return list(Resource.objects.raw(text, params))

    return seek(fetch, names=["weight", "id"], cursor=cursor, size=size)


def _beyond(values: list[Any], backwards: bool) -> Q:
    weight, pk = values
    if backwards:
        return Q(weight__lt=weight) | Q(weight=weight, id__lt=pk)
    return Q(weight__gt=weight) | Q(weight=weight, id__gt=pk)


def _bands() -> str:
    firsts = (0, *(end + 1 for end in _ENDS[:-1]))
    bands = (", ".join(map(str, range(first, end + 1))) for first, end in zip(firsts, _ENDS, strict=True))
    return ", ".join(f"({place}, ARRAY[{weights}]::smallint[])" for place, weights in enumerate(bands))
