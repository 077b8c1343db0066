"""Looking what was heard up among regions, roads and sites, and putting the likeliest first."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection
from django.db.models import Avg
from shapely.geometry import Point

from yiwang.data.places._finding import Heard, heard
from yiwang.data.places.contracts import Found, GridView, Precision
from yiwang.data.places.models import Grid
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.orgs.contracts import RegionView

BRANCH_MAX = 60
# Each branch stands on an index of its own, so that a road with a hundred thousand doors costs no more than a lane.
_LOOK = """
WITH heard AS (SELECT %(names)s::text[] AS names, %(numbers)s::text[] AS numbers, %(stem)s::text AS stem)
(SELECT id, text, region_code, road, number, title, lon, lat FROM places_addressentry, heard
 WHERE road <> '' AND road = ANY(names) AND number = ANY(numbers) AND starts_with(region_code, stem) ORDER BY id LIMIT %(most)s)
UNION
(SELECT id, text, region_code, road, number, title, lon, lat FROM places_addressentry, heard
 WHERE title <> '' AND title = ANY(names) AND starts_with(region_code, stem) ORDER BY id LIMIT %(most)s)
UNION
(SELECT id, text, region_code, road, number, title, lon, lat FROM places_addressentry, heard
 WHERE road <> '' AND road = ANY(names) AND starts_with(region_code, stem) ORDER BY road, number, id LIMIT %(most)s)
"""


@dataclass(frozen=True, slots=True)
class _Entry:
    id: int
    text: str
    region_code: str
    road: str
    number: str
    title: str
    lon: float
    lat: float


def ranked(text: str, *, within: str, near: Point | None) -> list[Found]:
    """Entries and regions that the text names, the likeliest first; without grids yet."""
    said = heard(text)
    if not said.names:
        return []
    regions = [each for each in orgs.regions_named(said.names) if _meet(each.code, within)]
    entries = _entries(said, within)
    agreed = {entry.id: _agreement(entry, regions) for entry in entries}
    best = max(agreed.values(), default=0)
    # A road of the same name in a district that nobody spoke of is left out where the right one is there.
    kept = [entry for entry in entries if agreed[entry.id] == best]
    kept.sort(key=lambda entry: (*_rank(entry, said), _distance(entry, near), entry.text))
    found = [_of_entry(entry, said) for entry in kept]
    return found or _of_regions(regions)


def completed(found: list[Found], grids: Mapping[tuple[float, float], GridView | None]) -> list[Found]:
    """With the grid each lies in, and the name of its region; one query."""
    names = orgs.regions(each.region_code for each in found)
    done = []
    for each in found:
        there = grids.get((each.lon, each.lat)) if each.lon is not None and each.lat is not None else None
        # A region's middle may lie in a neighbour's grid.
        there = there if there and there.region_code.startswith(orgs.stem(each.region_code)) else None
        region = names.get(each.region_code)
        done.append(
            replace(
                each,
                region_name=region.name if region else "",
                grid_code=there.code if there else "",
                grid_name=there.name if there else "",
            )
        )
    return done


def decoded(outline: Any) -> Any:
    """A JSON column as a cursor of our own gives it: text."""
    return json.loads(outline) if isinstance(outline, str) else outline


def _entries(said: Heard, within: str) -> list[_Entry]:
    with connection.cursor() as cursor:
        asked: dict[str, Any] = {
            "names": list(said.names),
            "numbers": list(said.numbers),
            "stem": within,
            "most": BRANCH_MAX,
        }
        cursor.execute(_LOOK, asked)
        return [_Entry(*row) for row in cursor.fetchall()]


def _meet(code: str, within: str) -> bool:
    return code.startswith(within) or within.startswith(orgs.stem(code))


def _agreement(entry: _Entry, regions: list[RegionView]) -> int:
    """The lowest level of a region that was named and holds the entry."""
    return max((each.level for each in regions if entry.region_code.startswith(orgs.stem(each.code))), default=0)


def _rank(entry: _Entry, said: Heard) -> tuple[int, int, int]:
    named = entry.title if entry.title and entry.title in said.names else entry.road
    return (list(Precision).index(_precision(entry, said)), -len(named), _gap(entry, said))


def _precision(entry: _Entry, said: Heard) -> Precision:
    if entry.road and entry.number and said.number_after(entry.road) == entry.number:
        return Precision.DOOR
    if entry.title and entry.title in said.names:
        return Precision.SITE
    return Precision.ROAD


def _gap(entry: _Entry, said: Heard) -> int:
    """How many numbers lie between the door and the one that was said."""
    wanted = said.number_after(entry.road)
    if not wanted or not entry.number:
        return 0
    one, other = wanted.split("-")[0], entry.number.split("-")[0]
    return abs(int(one) - int(other)) if other.isdigit() else 99_999


def _distance(entry: _Entry, near: Point | None) -> float:
    return float(near.distance(Point(entry.lon, entry.lat))) if near else 0.0


def _of_entry(entry: _Entry, said: Heard) -> Found:
    return Found(
        entry.text, _precision(entry, said), entry.lon, entry.lat, entry.region_code, "", "", "", entry_id=entry.id
    )


def _of_regions(regions: list[RegionView]) -> list[Found]:
    """The lowest regions that were named, where no door of theirs is known."""
    lowest = max((each.level for each in regions), default=0)
    kept = [each for each in regions if each.level == lowest]
    rows = Grid.objects.filter(until=None, region_code__in=[each.code for each in kept]).values("region_code")
    middle = {
        row["region_code"]: (row["x"], row["y"])
        for row in rows.annotate(x=Avg("lon"), y=Avg("lat")).order_by("region_code")
    }
    return [
        Found(each.name, Precision.REGION, *middle.get(each.code, (None, None)), each.code, each.name, "", "")
        for each in kept
    ]
