"""Files of grids (GeoJSON) and addresses (CSV): what can be taken in, and what is set aside with its place and reason."""

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from yiwang.data.places import _outlines
from yiwang.data.places.contracts import BadCoordinates, BadFile, NewAddress, NewGrid
from yiwang.kernel.base.contracts import Place

FEATURES_MAX = 200_000
BYTES_MAX = 500_000_000
COLUMNS = {"text", "region_code", "lon", "lat"}
_CODE = re.compile(r"\d{15}")
_VILLAGE = re.compile(r"\d{12}")


def read(path: Path) -> tuple[list[NewGrid], list[NewAddress], list[Place]]:
    """Grids of a `.geojson` or `.json`, addresses of a `.csv`, and what is wrong, place by place. Raises BadFile."""
    if path.stat().st_size > BYTES_MAX:
        raise BadFile("文件太大。", hint="请按区县分成几个文件。")
    try:
        if path.suffix.lower() == ".csv":
            return _addresses(path)
        return _grids(path)
    except UnicodeDecodeError as wrong:
        raise BadFile("文件不是UTF-8编码。", hint="请另存为UTF-8。") from wrong


def _grids(path: Path) -> tuple[list[NewGrid], list[NewAddress], list[Place]]:
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"))
    except (json.JSONDecodeError, RecursionError) as wrong:
        raise BadFile("文件不是GeoJSON。", hint="请导出为GeoJSON（FeatureCollection）。") from wrong
    features = found.get("features") if isinstance(found, dict) else None
    if not isinstance(features, list) or len(features) > FEATURES_MAX:
        raise BadFile("文件里没有要素，或超过二十万个。", hint="请导出为GeoJSON（FeatureCollection）。")
    grids: list[NewGrid] = []
    problems: list[Place] = []
    seen: set[str] = set()
    for number, feature in enumerate(features, start=1):
        try:
            new = _grid(feature)
            if new.code in seen:
                raise BadFile(f"网格编码{new.code}在文件里出现了两次。")
            seen.add(new.code)
            grids.append(new)
        except (BadCoordinates, BadFile) as wrong:
            problems.append(Place(f"feature {number}", wrong.message))
    return grids, [], problems


def _grid(feature: Any) -> NewGrid:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(properties, dict):
        raise BadFile("要素没有属性。")
    code, name = str(properties.get("code") or "").strip(), str(properties.get("name") or "").strip()
    if not _CODE.fullmatch(code):
        raise BadFile("网格编码应为15位数字（村、社区代码12位加3位）。")
    if not name or len(name) > 80:
        raise BadFile("网格没有名称，或名称超过80字。")
    return NewGrid(code, name, _outlines.outline(feature.get("geometry")).stored)


def _addresses(path: Path) -> tuple[list[NewGrid], list[NewAddress], list[Place]]:
    addresses: list[NewAddress] = []
    problems: list[Place] = []
    seen: set[str] = set()
    with path.open(encoding="utf-8-sig", newline="") as stream:
        for line, row in _rows(stream):
            try:
                new = _address(row)
                if new.text in seen:
                    raise BadFile("这个地址在文件里出现了两次。")
                seen.add(new.text)
                addresses.append(new)
            except (BadCoordinates, BadFile) as wrong:
                problems.append(Place(f"line {line}", wrong.message))
    return [], addresses, problems


def _rows(stream: Any) -> Iterator[tuple[int, dict[str, str]]]:
    rows = csv.DictReader(stream)
    try:
        if not set(rows.fieldnames or ()) >= COLUMNS:
            raise BadFile("表头认不出来。", hint="地址要有 text,region_code,lon,lat，可有 road,number,title。")
        for line, row in enumerate(rows, start=2):
            yield line, {name: (value or "").strip() for name, value in row.items() if isinstance(name, str)}
    except csv.Error as wrong:
        raise BadFile("文件不是CSV。", hint="请另存为UTF-8的CSV。") from wrong


def _address(row: dict[str, str]) -> NewAddress:
    if not row["text"] or len(row["text"]) > 200:
        raise BadFile("没有地址，或地址超过200字。")
    if not _VILLAGE.fullmatch(row["region_code"]):
        raise BadFile("region_code 应为12位村、社区代码。")
    where = _outlines.point(row["lon"], row["lat"])
    texts = {name: row.get(name, "") for name in ("road", "number", "title")}
    if len(texts["road"]) > 40 or len(texts["number"]) > 20 or len(texts["title"]) > 60:
        raise BadFile("道路名、门牌号或名称太长。")
    return NewAddress(row["text"], row["region_code"], where.x, where.y, **texts)
