"""Outlines as they come in: read strictly, judged by shapely, with the box and the inner point that are stored beside them."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from shapely import STRtree, is_valid_reason
from shapely.geometry import Point, mapping, shape
from shapely.geometry.base import BaseGeometry

from yiwang.data.places.contracts import BadCoordinates

POINTS_MAX = 5000
PLACES = 6  # a tenth of a metre
OVERLAP_MAX = 0.01


@dataclass(frozen=True, slots=True)
class Outline:
    """A sound outline, ready to be stored."""

    geometry: BaseGeometry
    stored: dict[str, Any]
    box: tuple[float, float, float, float]
    inner: tuple[float, float]


def point(lon: Any, lat: Any) -> Point:
    """Raises BadCoordinates unless both are finite degrees in the order longitude, latitude."""
    try:
        x, y = float(lon), float(lat)
    except (TypeError, ValueError, OverflowError) as wrong:
        raise BadCoordinates("坐标不是数。", hint="请写十进制的经度、纬度，如 120.15,30.28。") from wrong
    if not (math.isfinite(x) and math.isfinite(y) and -180 <= x <= 180 and -90 <= y <= 90):
        raise BadCoordinates("坐标不在地球上。", hint="请按经度、纬度的次序写，经度不过180，纬度不过90。")
    return Point(x, y)


def outline(found: object) -> Outline:
    """A GeoJSON Polygon or MultiPolygon. Raises BadCoordinates with what is wrong with it."""
    if not isinstance(found, dict) or found.get("type") not in {"Polygon", "MultiPolygon"}:
        raise BadCoordinates("网格的轮廓要是 Polygon 或 MultiPolygon。", hint="请从测绘软件导出面图层。")
    depth = 2 if found["type"] == "Polygon" else 3
    rings = list(_rings(found.get("coordinates"), depth))
    if not rings or sum(len(ring) for ring in rings) > POINTS_MAX:
        raise BadCoordinates(f"轮廓线没有点，或超过{POINTS_MAX}个点。", hint="请先抽稀。")
    if any(len(ring) < 4 or ring[0] != ring[-1] for ring in rings):
        raise BadCoordinates("轮廓线没有闭合。", hint="每一圈的最后一点请写得与第一点相同。")
    geometry = shape({"type": found["type"], "coordinates": found["coordinates"]})
    if not geometry.is_valid or geometry.area == 0:
        raise BadCoordinates(
            f"轮廓线自己相交或没有面积（{is_valid_reason(geometry)[:60]}）。", hint="请在测绘软件里修正。"
        )
    inner = geometry.representative_point()
    west, south, east, north = geometry.bounds
    return Outline(geometry, _rounded(mapping(geometry)), (west, south, east, north), (inner.x, inner.y))


def holds(stored: dict[str, Any], where: Point) -> bool:
    """Whether a stored outline holds a point; its edge belongs to it."""
    return bool(shape(stored).covers(where))


def overlapping(outlines: Iterable[tuple[str, BaseGeometry]]) -> dict[str, str]:
    """Names whose outline overlaps that of an earlier name by more than a seam, each with that name."""
    named = list(outlines)
    tree = STRtree([geometry for _, geometry in named])
    found: dict[str, str] = {}
    for n, (name, geometry) in enumerate(named):
        for m in sorted(int(each) for each in tree.query(geometry, predicate="intersects")):
            other_name, other = named[m]
            if m >= n or other_name in found:
                continue
            if geometry.intersection(other).area > OVERLAP_MAX * min(geometry.area, other.area):
                found[name] = other_name
                break
    return found


def _rings(found: Any, depth: int) -> Iterable[list[tuple[float, float]]]:
    if not isinstance(found, list | tuple) or len(found) > POINTS_MAX:
        raise BadCoordinates("轮廓的坐标读不懂。", hint="请按 GeoJSON 的写法。")
    if depth > 1:
        for part in found:
            yield from _rings(part, depth - 1)
        return
    ring = []
    for pair in found:
        if not isinstance(pair, list | tuple) or len(pair) < 2:
            raise BadCoordinates("轮廓的坐标读不懂。", hint="每一点写作 [经度, 纬度]。")
        where = point(pair[0], pair[1])
        ring.append((where.x, where.y))
    yield ring


def _rounded(found: dict[str, Any]) -> dict[str, Any]:
    return {"type": found["type"], "coordinates": _round(found["coordinates"])}


def _round(found: Any) -> Any:
    if isinstance(found, float):
        return round(found, PLACES)
    return [_round(each) for each in found] if isinstance(found, list | tuple) else found
