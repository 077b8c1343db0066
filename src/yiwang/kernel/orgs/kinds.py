"""The pack kind RegionBoundary: the outline of a region, for sketch maps of offices."""

from collections.abc import Iterable
from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints, field_validator

from yiwang.kernel.packs.contracts import Pack, PackFault, PackModel, PackSet, Problem, register

BOUNDARY = "RegionBoundary"
POINTS_MAX = 5000  # a sketch goes to a phone: finer lines are simplified first

Longitude = Annotated[float, Field(ge=-180, le=180)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Ring = Annotated[tuple[tuple[Longitude, Latitude], ...], Field(min_length=4, max_length=POINTS_MAX)]


class BoundaryPack(PackModel):
    """`rings` as in a GeoJSON polygon: the outer line first, each ending where it begins."""

    kind_title: ClassVar[str] = "区划轮廓"
    field_names: ClassVar = {"region": "行政区划", "rings": "轮廓线"}

    region: Annotated[str, StringConstraints(pattern=r"^\d{12}$")]
    rings: Annotated[tuple[Ring, ...], Field(min_length=1, max_length=50)]

    @field_validator("rings")
    @classmethod
    def _closed(cls, rings: tuple[Ring, ...]) -> tuple[Ring, ...]:
        if any(ring[0] != ring[-1] for ring in rings):
            raise PackFault("轮廓线没有闭合。", "每一圈的最后一点请写得与第一点相同。")
        return rings


def _check(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    region = pack.as_type(BoundaryPack).region
    for other in packs.all_of(BOUNDARY):
        if other.id < pack.id and other.as_type(BoundaryPack).region == region:
            yield pack.problem("region", f"{region}的轮廓已由 {other.id} 给出。", "请删去一个。")


def register_kinds() -> None:
    register(BOUNDARY, BoundaryPack, check=_check)
