"""Reading grids, duties and addresses: constant numbers of queries, however many grids there are."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from yiwang.data.places import _outlines, _search
from yiwang.data.places.contracts import DoorView, DutyView, Found, GridView, NewAddress, NoSuchGrid
from yiwang.data.places.models import AddressEntry, Grid, GridDuty
from yiwang.kernel.orgs import queries as orgs

GRIDS_MAX = 5000
_AT = """
SELECT asked.n, grid.code, grid.name, grid.region_code, grid.lon, grid.lat, grid.since, grid.until, grid.outline
FROM unnest(%s::float8[], %s::float8[]) WITH ORDINALITY AS asked (lon, lat, n)
JOIN places_grid grid
  ON box(point(grid.west, grid.south), point(grid.east, grid.north)) && box(point(asked.lon, asked.lat), point(asked.lon, asked.lat))
WHERE grid.since <= %s AND (grid.until IS NULL OR grid.until > %s)
ORDER BY asked.n, grid.code
"""


def grid(code: str, *, on: date | None = None) -> GridView:
    """The grid of a code on a day (today). Raises NoSuchGrid."""
    row = _on(on).filter(code=code).first()
    if row is None:
        raise NoSuchGrid("没有这个网格。", hint="请核对15位网格编码。")
    return grid_view(row)


def named(codes: Iterable[str], *, on: date | None = None) -> dict[str, GridView]:
    """Grids by code, for the names on a page; unknown codes are absent."""
    return {row.code: grid_view(row) for row in _on(on).filter(code__in=set(codes))}


def grids(region_code: str, *, on: date | None = None) -> list[GridView]:
    """The grids of a region and all below it, in order of code; at most five thousand."""
    rows = _on(on).filter(region_code__startswith=orgs.stem(region_code)).order_by("region_code", "code")
    return [grid_view(row) for row in rows.defer("outline")[:GRIDS_MAX]]


def addresses(region_code: str, *, after: int = 0, size: int = 5000) -> list[tuple[int, NewAddress]]:
    """Row and address of a village, in the order of rows."""
    rows = AddressEntry.objects.filter(region_code=region_code, pk__gt=after).order_by("pk")[:size]
    return [
        (row.pk, NewAddress(row.text, row.region_code, row.lon, row.lat, row.road, row.number, row.title))
        for row in rows
    ]


def features(region_code: str, *, on: date | None = None) -> dict[str, Any]:
    """As `grids`, as a GeoJSON FeatureCollection with the outlines."""
    rows = _on(on).filter(region_code__startswith=orgs.stem(region_code)).order_by("region_code", "code")[:GRIDS_MAX]
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": int(row.code),
                "geometry": row.outline,
                "properties": {"code": row.code, "name": row.name, "region_code": row.region_code},
            }
            for row in rows
        ],
    }


def grid_at(lon: float, lat: float, *, on: date | None = None) -> GridView | None:
    """The grid a point lies in; of two that share an edge the lower code. Raises BadCoordinates."""
    return grids_at([(lon, lat)], on=on)[0]


def grids_at(points: Sequence[tuple[float, float]], *, on: date | None = None) -> list[GridView | None]:
    """As `grid_at` for many points, in one query. Raises BadCoordinates."""
    asked = [_outlines.point(lon, lat) for lon, lat in points]
    found: list[GridView | None] = [None] * len(asked)
    if not asked:
        return found
    day = on or timezone.localdate()
    with connection.cursor() as cursor:
        cursor.execute(_AT, [[each.x for each in asked], [each.y for each in asked], day, day])
        for n, *columns, outline in cursor.fetchall():
            if found[n - 1] is None and _outlines.holds(_search.decoded(outline), asked[n - 1]):
                found[n - 1] = GridView(*columns)
    return found


def point(lon: object, lat: object) -> tuple[float, float]:
    """The pair as finite degrees. Raises BadCoordinates."""
    where = _outlines.point(lon, lat)
    return where.x, where.y


def find(
    text: str,
    *,
    region: str = "",
    near: tuple[float, float] | None = None,
    size: int = 8,
    on: date | None = None,
) -> list[Found]:
    """Candidates for what somebody called a place, the likeliest first; inside `region`, nearer to `near`.

    Five queries at most, whatever the text. Raises BadCoordinates.
    """
    centre = _outlines.point(*near) if near else None
    ranked = _search.ranked(text, within=orgs.stem(region) if region else "", near=centre)[:size]
    places = [(each.lon, each.lat) for each in ranked if each.lon is not None and each.lat is not None]
    grids_there = dict(zip(places, grids_at(places, on=on), strict=True))
    return _search.completed(ranked, grids_there)


def door(entry_id: int) -> DoorView | None:
    """A standard address by its number; None when it is not in the register."""
    row = AddressEntry.objects.filter(pk=entry_id).first()
    return DoorView(row.pk, row.text, row.region_code, row.title, row.lon, row.lat) if row else None


def workers(grid_code: str, *, on: date | None = None) -> list[int]:
    """Accounts that answer for a grid on a day, the longest in duty first."""
    return duties([grid_code], on=on).get(grid_code, [])


def duties(grid_codes: Iterable[str], *, on: date | None = None) -> dict[str, list[int]]:
    """As `workers` for many grids, in one query."""
    found: dict[str, list[int]] = {}
    for row in _duties_on(on).filter(grid_code__in=set(grid_codes)).order_by("since", "id"):
        found.setdefault(row.grid_code, []).append(row.account_id)
    return found


def grids_of(account_id: int, *, on: date | None = None) -> list[GridView]:
    """The grids an account answers for on a day, in order of code."""
    codes = list(_duties_on(on).filter(account=account_id).values_list("grid_code", flat=True))
    return sorted(named(codes, on=on).values(), key=lambda each: each.code)


def duties_of(account_id: int) -> list[DutyView]:
    """Every duty an account ever had, the newest first."""
    rows = GridDuty.objects.filter(account=account_id).order_by("-since", "-id")
    return [DutyView(row.pk, row.account_id, row.grid_code, row.since, row.until) for row in rows]


def grid_view(row: Grid) -> GridView:
    return GridView(row.code, row.name, row.region_code, row.lon, row.lat, row.since, row.until)


def _on(day: date | None) -> QuerySet[Grid]:
    day = day or timezone.localdate()
    return Grid.objects.filter(Q(until=None) | Q(until__gt=day), since__lte=day)


def _duties_on(day: date | None) -> QuerySet[GridDuty]:
    day = day or timezone.localdate()
    return GridDuty.objects.filter(Q(until=None) | Q(until__gt=day), since__lte=day)
