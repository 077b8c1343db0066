"""New regions and organisations as rows, with their parents found and their codes checked."""

import re
from collections.abc import Sequence

from yiwang.kernel.base.codes import is_uscc
from yiwang.kernel.base.contracts import Place
from yiwang.kernel.orgs._codes import checked, level_of, line_of
from yiwang.kernel.orgs.contracts import (
    BadOrganisation,
    BadRegion,
    Level,
    NewOrganisation,
    NewRegion,
    NoSuchOrganisation,
    NoSuchRegion,
)
from yiwang.kernel.orgs.models import Organisation, Region

_KIND = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def region_rows(regions: Sequence[NewRegion]) -> list[list[Region]]:
    """Unsaved rows, one list per level, so that each list's parents are saved before it."""
    lines = {new.code: line_of(checked(new.code)) for new in regions}
    above = {code for line in lines.values() for code in line[1:]}
    known = {row.code: row for row in Region.objects.filter(code__in=above)}
    levels: list[list[Region]] = [[] for _ in Level]
    for new in sorted(regions, key=lambda one: level_of(one.code)):
        level = level_of(new.code)
        parent = next((known[code] for code in lines[new.code][1:] if code in known), None)
        if parent is None and level > Level.PROVINCE:
            raise BadRegion("上级行政区划还没有登记。", hint="请先登记上级，或一起登记。")
        known[new.code] = Region(code=new.code, name=new.name, level=level, parent=parent)
        levels[level - 1].append(known[new.code])
    return levels


def organisation_rows(new: Sequence[NewOrganisation], *, ids: Sequence[int]) -> list[Organisation]:
    """Unsaved rows with the given ids, their paths and parents found, in the order given."""
    places = [place for one in new for place in _mistakes(one)]
    if places:
        raise BadOrganisation("单位信息有误。", places=places, hint="请逐项更正。")
    codes = {one.region_code for one in new}
    regions = {row.code: row for row in Region.objects.filter(code__in=codes)}
    if missing := codes - regions.keys():
        raise NoSuchRegion(f"没有行政区划{min(missing)}。", hint="请先登记行政区划。")
    usccs = {one.parent_uscc.upper() for one in new if one.parent_uscc}
    parents = {row.uscc: row for row in Organisation.objects.filter(uscc__in=usccs)}
    rows = []
    for one, pk in zip(new, ids, strict=True):
        row = _organisation(one, pk, regions[one.region_code], _parent(one, parents))
        parents[row.uscc] = row
        rows.append(row)
    return rows


def _mistakes(one: NewOrganisation) -> list[Place]:
    places = []
    if not is_uscc(one.uscc):
        places.append(Place("uscc", f"统一社会信用代码{one.uscc}的校验位不对。"))
    if not _KIND.fullmatch(one.kind):
        places.append(Place("kind", f"单位类别{one.kind}应为小写英文加连字符。"))
    if (one.lon is None) != (one.lat is None):
        places.append(Place("lon", "经度和纬度要一起填。"))
    elif one.lon is not None and one.lat is not None and not (-180 <= one.lon <= 180 and -90 <= one.lat <= 90):
        places.append(Place("lon", f"坐标{one.lon},{one.lat}不在地球上，请按经度、纬度的次序写。"))
    if not one.name.strip():
        places.append(Place("name", "单位名称没有填。"))
    return places


def _parent(one: NewOrganisation, known: dict[str, Organisation]) -> Organisation | None:
    if one.parent_uscc is None:
        return None
    if (parent := known.get(one.parent_uscc.upper())) is None:
        raise NoSuchOrganisation("上级单位还没有登记。", hint="请把上级单位放在前面。")
    return parent


def _organisation(one: NewOrganisation, pk: int, region: Region, parent: Organisation | None) -> Organisation:
    return Organisation(
        pk=pk,
        uscc=one.uscc.upper(),
        name=one.name,
        short_name=one.short_name or one.name[:40],
        doc_mark=one.doc_mark,
        kind=one.kind,
        region=region,
        parent=parent,
        path=f"{parent.path if parent else '/'}{pk}/",
        phone=one.phone,
        supervision_phone=one.supervision_phone,
        address=one.address,
        lon=one.lon,
        lat=one.lat,
        is_demo=one.is_demo,
        opened_on=one.opened_on,
    )
