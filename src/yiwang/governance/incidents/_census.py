"""Census of components (城市部件普查): CSV or GeoJSON, each wrong line set aside with its reason."""

import csv
import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from yiwang.data.places import queries as places
from yiwang.data.places.contracts import BadCoordinates, GridView
from yiwang.governance.incidents import _book
from yiwang.governance.incidents.contracts import EDIT, BadCensus, CensusReport, Scope
from yiwang.governance.incidents.models import Component
from yiwang.kernel.access import queries as access
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor, ActorKind, Denied, Place
from yiwang.kernel.workdays import queries as workdays

COLUMNS = {"mark", "lon", "lat"}
BYTES_MAX = 200_000_000
BATCH = 2000
FIELDS = ("name", "code", "region_code", "grid_code", "owner", "lon", "lat")
_MARK = re.compile(r"\d{16}")
_Line = tuple[str, Mapping[str, Any]]


@transaction.atomic
def import_census(*, path: Path, by: Actor, at: datetime) -> CensusReport:
    """Take in components by their marks, safe to repeat. Raises BadCensus when nothing can be read, Denied."""
    if by.kind is not ActorKind.SYSTEM and not access.may_anywhere(by, EDIT):
        raise Denied("您的岗位不能维护城市部件。", hint="请联系数据管理员。")
    problems: list[Place] = []
    counts = {"created": 0, "changed": 0, "unchanged": 0}
    seen: set[str] = set()
    lines = _lines(path)
    while batch := list(islice(lines, BATCH)):
        for what, number in _take(batch, seen, problems, at).items():
            counts[what] += number
    audit.record("incidents.census.imported", target=path.name[:80], by=by, at=at, detail=counts)
    return CensusReport(counts["created"], counts["changed"], counts["unchanged"], tuple(problems))


def _take(batch: list[_Line], seen: set[str], problems: list[Place], at: datetime) -> dict[str, int]:
    """One batch in a constant number of queries."""
    sound: list[tuple[str, Mapping[str, Any]]] = []
    for where, row in batch:
        wrong = _wrong(row, seen)
        if wrong:
            problems.append(Place(where, wrong))
        else:
            seen.add(str(row["mark"]))
            sound.append((where, row))
    grids = places.grids_at([(float(row["lon"]), float(row["lat"])) for _, row in sound], on=workdays.legal_day(at))
    rows = []
    for (where, row), grid in zip(sound, grids, strict=True):
        if grid is None or grid.region_code[:6] != str(row["mark"])[:6]:
            problems.append(Place(where, "位置不在标识码前六位的区划的任何网格里。"))
        else:
            rows.append(_component(row, grid, at))
    return _save(rows)


def _save(rows: list[Component]) -> dict[str, int]:
    before = {row.mark: row for row in Component.objects.filter(mark__in=[row.mark for row in rows])}
    created = [row for row in rows if row.mark not in before]
    changed = [row for row in rows if row.mark in before and _differs(row, before[row.mark])]
    Component.objects.bulk_create(
        created + changed,
        update_conflicts=True,
        unique_fields=["mark"],
        update_fields=[*FIELDS, "surveyed_on"],
    )
    return {
        "created": len(created),
        "changed": len(changed),
        "unchanged": len(rows) - len(created) - len(changed),
    }


def _wrong(row: Mapping[str, Any], seen: set[str]) -> str:
    """What is wrong with a line; nothing if it is sound."""
    mark = str(row.get("mark") or "")
    if not _MARK.fullmatch(mark):
        return "部件标识码应为16位数字（区划6、大类2、小类2、流水6）。"
    if mark in seen:
        return f"标识码{mark}在文件里出现了两次。"
    if f"{Scope.COMPONENT}:{mark[6:10]}" not in _book.types():
        return f"没有部件类型{mark[6:10]}。"
    if len(str(row.get("name") or "")) > 80 or len(str(row.get("owner") or "")) > 120:
        return "名称或权属单位太长。"
    try:
        places.point(row.get("lon"), row.get("lat"))
    except BadCoordinates as wrong:
        return wrong.message
    return ""


def _component(row: Mapping[str, Any], grid: GridView, at: datetime) -> Component:
    mark = str(row["mark"])
    return Component(
        mark=mark,
        name=str(row.get("name") or "") or _book.type_of(f"{Scope.COMPONENT}:{mark[6:10]}").name,
        code=mark[6:10],
        region_code=grid.region_code,
        grid_code=grid.code,
        owner=str(row.get("owner") or ""),
        lon=float(row["lon"]),
        lat=float(row["lat"]),
        surveyed_on=timezone.localdate(at),
    )


def _differs(one: Component, other: Component) -> bool:
    return any(getattr(one, name) != getattr(other, name) for name in FIELDS)


def _lines(path: Path) -> Iterator[_Line]:
    if path.stat().st_size > BYTES_MAX:
        raise BadCensus("文件太大。", hint="请按区县分成几个文件。")
    try:
        yield from _table(path) if path.suffix.lower() == ".csv" else _features(path)
    except UnicodeDecodeError as wrong:
        raise BadCensus("文件不是UTF-8编码。", hint="请另存为UTF-8。") from wrong


def _table(path: Path) -> Iterator[_Line]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = csv.DictReader(stream)
        try:
            if not set(rows.fieldnames or ()) >= COLUMNS:
                raise BadCensus("表头认不出来。", hint="部件要有 mark,lon,lat，可有 name,owner。")
            for number, row in enumerate(rows, start=2):
                yield f"line {number}", {key: (row[key] or "").strip() for key in row if isinstance(row[key], str)}
        except csv.Error as wrong:
            raise BadCensus("文件不是CSV。", hint="请另存为UTF-8的CSV。") from wrong


def _features(path: Path) -> Iterator[_Line]:
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"))
    except (json.JSONDecodeError, RecursionError) as wrong:
        raise BadCensus("文件不是GeoJSON。", hint="请导出为GeoJSON（FeatureCollection）。") from wrong
    features = found.get("features") if isinstance(found, dict) else None
    if not isinstance(features, list):
        raise BadCensus("文件里没有要素。", hint="请导出为GeoJSON（FeatureCollection）。")
    for number, feature in enumerate(features, start=1):
        yield f"feature {number}", _of_feature(feature)


def _of_feature(feature: Any) -> Mapping[str, Any]:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
    point = geometry.get("coordinates") if isinstance(geometry, dict) and geometry.get("type") == "Point" else None
    lon, lat = (point[0], point[1]) if isinstance(point, list) and len(point) >= 2 else (None, None)
    known = properties if isinstance(properties, dict) else {}
    return {**{name: known.get(name) for name in ("mark", "name", "owner")}, "lon": lon, "lat": lat}
