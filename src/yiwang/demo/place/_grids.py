"""Grids and door plates of the demo place: county outlines cut into towns, villages and grids, the same every time."""

import random
from collections.abc import Iterator, Sequence
from datetime import datetime

from shapely import MultiPoint, voronoi_polygons
from shapely.geometry import MultiPolygon, Point, Polygon, mapping
from shapely.ops import unary_union

from yiwang.data.places import actions as places
from yiwang.data.places.contracts import NewAddress, NewGrid
from yiwang.demo.place._bodies import Divisions
from yiwang.demo.place.kinds import DemoPlace
from yiwang.kernel.base.contracts import Actor, Conflict
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.orgs.contracts import Boundary
from yiwang.kernel.people import queries as people

DESK, WORKER = "street-command", "grid-worker"
ROUNDS = 6
SCATTER = 400
PLACES = 5


def seed(*, place: DemoPlace, made: Divisions, by: Actor, at: datetime) -> int:
    """Grids and addresses of every village inside a county whose outline is known; returns how many grids."""
    if not place.grids_a_village:
        return 0
    grids: list[NewGrid] = []
    addresses: list[NewAddress] = []
    names = {region.code: region.name for region in made.regions}
    for village, area in _villages(made):
        parts = _cut(area, place.grids_a_village, village)
        grids += [_grid(village, number, part) for number, part in enumerate(parts, start=1)]
        addresses += _doors(village, names, parts, place)
    done = places.save_grids(grids=grids, on=at.date(), by=by, at=at)
    if done.problems:
        raise Conflict(f"演示网格没有画好：{done.problems[0].where} {done.problems[0].message}")
    places.save_addresses(addresses=addresses, by=by, at=at)
    _share_out([each.code for each in grids], by=by, at=at)
    return len(grids)


def _share_out(codes: Sequence[str], *, by: Actor, at: datetime) -> None:
    """The grids of a street among its grid workers, one after the other."""
    duties: list[tuple[int, str]] = []
    for desk in orgs.of_kind(DESK):
        own = [code for code in codes if code.startswith(desk.region_code[:9])]
        walkers = people.holders(WORKER, desk.id)
        duties += [(walkers[n % len(walkers)].id, code) for n, code in enumerate(own) if walkers]
    places.assign_many(duties=duties, since=at.date(), by=by, at=at)


def _villages(made: Divisions) -> Iterator[tuple[str, Polygon]]:
    """Each village with its piece of the county."""
    below: dict[str, dict[str, list[str]]] = {}
    for village in made.villages:
        towns = below.setdefault(village.code[:6] + "000000", {})
        towns.setdefault(village.code[:9] + "000", []).append(village.code)
    for boundary in sorted(orgs.boundaries(below), key=lambda each: each.region_code):
        towns = below[boundary.region_code]
        for (_, codes), town in zip(sorted(towns.items()), _cut_by(boundary, towns), strict=True):
            yield from zip(codes, _cut(town, len(codes), codes[0]), strict=True)


def _cut_by(boundary: Boundary, towns: dict[str, list[str]]) -> list[Polygon]:
    return _cut(Polygon(boundary.rings[0], boundary.rings[1:]), len(towns), boundary.region_code)


def _cut(area: Polygon, pieces: int, seed: str) -> list[Polygon]:
    """Pieces of about the same size: the cells around points that were evened out, in order from the north-west."""
    chance = random.Random(seed)
    points = _scattered(area, pieces, chance)
    cells: list[Polygon] = []
    for _ in range(ROUNDS):
        cells = _cells(area, points)
        points = [_inner(cell) for cell in cells]
    return sorted(cells, key=lambda cell: (-round(cell.centroid.y, 3), cell.centroid.x))


def _cells(area: Polygon, points: Sequence[Point]) -> list[Polygon]:
    if len(points) == 1:
        return [area]
    around = voronoi_polygons(MultiPoint(points), extend_to=area)
    return [_whole(cell.intersection(area)) for cell in around.geoms]


def _whole(found: Polygon | MultiPolygon) -> Polygon:
    """The largest part; slivers of a bay would be no grid."""
    parts = list(found.geoms) if isinstance(found, MultiPolygon) else [found]
    largest: Polygon = max(parts, key=lambda part: part.area)
    return largest


def _inner(cell: Polygon) -> Point:
    middle = cell.centroid
    return middle if cell.contains(middle) else cell.representative_point()


def _scattered(area: Polygon, count: int, chance: random.Random) -> list[Point]:
    west, south, east, north = area.bounds
    found: list[Point] = []
    for _ in range(SCATTER * count):
        point = Point(chance.uniform(west, east), chance.uniform(south, north))
        if area.contains(point):
            found.append(point)
        if len(found) == count:
            return found
    raise Conflict("演示网格没有画好：轮廓太窄。")


def _grid(village: str, number: int, area: Polygon) -> NewGrid:
    # Rounding may close a gap of a metre; a seam is no overlap.
    return NewGrid(f"{village}{number:03d}", f"第{number}网格", dict(mapping(_rounded(area))))


def _rounded(area: Polygon) -> Polygon:
    rounded = Polygon([(round(x, PLACES), round(y, PLACES)) for x, y in area.exterior.coords])
    return rounded if rounded.is_valid else _whole(unary_union([rounded.buffer(0)]))


def _doors(village: str, names: dict[str, str], parts: Sequence[Polygon], place: DemoPlace) -> Iterator[NewAddress]:
    """Numbers of the village itself, as its residents write them, and the doors of a few roads, each inside a grid."""
    chance = random.Random(f"doors/{village}")
    name = names[village]
    above = names[village[:6] + "000000"] + names[village[:9] + "000"]
    stem = name.removesuffix("社区").removesuffix("村")
    roads = [(name, ""), *((f"{stem}{kind}", name) for kind in place.roads)]
    for road, between in roads:
        for number in range(1, place.doors_a_road + 1):
            where = _scattered(parts[(number - 1) * len(parts) // place.doors_a_road], 1, chance)[0]
            text = f"{above}{between}{road}{number}号"
            lon, lat = round(where.x, PLACES), round(where.y, PLACES)
            yield NewAddress(text, village, lon, lat, road=road, number=str(number))
    for site in place.sites:
        where = _scattered(chance.choice(parts), 1, chance)[0]
        lon, lat = round(where.x, PLACES), round(where.y, PLACES)
        yield NewAddress(f"{above}{name}{stem}{site}", village, lon, lat, title=f"{stem}{site}")
