"""Lists of regions and organisations as CSV files."""

import csv
from collections.abc import Iterator
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

from yiwang.kernel.base.contracts import Place
from yiwang.kernel.orgs._codes import checked
from yiwang.kernel.orgs.contracts import BadList, BadRegion, NewOrganisation, NewRegion

_CODE_LENGTH = 12
_OTHERS = ("opened_on", "is_demo", "parent_uscc", "lon", "lat")
_TEXTS = [field.name for field in fields(NewOrganisation) if field.name not in _OTHERS]


def read(path: Path, *, opened_on: date) -> tuple[list[NewRegion], list[NewOrganisation]]:
    """Regions (`code,name`, codes of 2 to 12 digits) or organisations (`uscc,name,kind,region_code` …) by the header.

    Raises BadList with every line that cannot be read.
    """
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = csv.DictReader(stream)
        header = set(rows.fieldnames or ())
        if {"uscc", "name", "kind", "region_code"} <= header:
            return [], [_organisation(row, opened_on) for row in rows]
        if not {"code", "name"} <= header:
            hint = "区划要有 code,name;单位要有 uscc,name,kind,region_code。"
            raise BadList("表头认不出来。", hint=hint)
        regions, places = [], []
        for line, (region, wrong) in enumerate(_regions(rows), start=2):
            regions.append(region)
            if wrong:
                places.append(Place(f"line {line}", wrong))
    if places:
        raise BadList(f"{len(places)} 行有误,第一处:{places[0].where} {places[0].message}", places=places)
    return regions, []


def _regions(rows: Iterator[dict[str, str]]) -> Iterator[tuple[NewRegion, str]]:
    for row in rows:
        region = NewRegion((row["code"] or "").strip().ljust(_CODE_LENGTH, "0"), (row["name"] or "").strip())
        try:
            checked(region.code)
            yield region, "" if region.name else "没有名称。"
        except BadRegion as wrong:
            yield region, wrong.message


def _organisation(row: dict[str, str], opened_on: date) -> NewOrganisation:
    texts: dict[str, Any] = {name: (row.get(name) or "").strip() for name in _TEXTS}
    texts["region_code"] = texts["region_code"].ljust(_CODE_LENGTH, "0")
    parent = (row.get("parent_uscc") or "").strip() or None
    since = (row.get("opened_on") or "").strip()
    return NewOrganisation(
        **texts,
        lon=_degrees(row.get("lon")),
        lat=_degrees(row.get("lat")),
        parent_uscc=parent,
        opened_on=date.fromisoformat(since) if since else opened_on,
    )


def _degrees(text: str | None) -> float | None:
    try:
        return float(text) if text and text.strip() else None
    except ValueError as wrong:
        raise BadList(f"坐标“{text}”不是数。", hint="请写十进制的经度、纬度，如 120.15,30.28。") from wrong
