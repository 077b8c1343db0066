"""The one kind that packs know themselves: the place that a folder of packs belongs to."""

from typing import Annotated, ClassVar

from pydantic import StringConstraints

from yiwang.kernel.packs.contracts import PackId, PackModel

PLACE = "Place"
RegionCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$")]


class PlacePack(PackModel):
    """A place; its packs lie over those of the place it is under.

    `region` is the division it governs; organisations inside get the place's own text of what is kept by region.
    `default` marks what an installation serves unless YIWANG_PLACE says otherwise.
    """

    kind_title: ClassVar[str] = "地方"
    field_names: ClassVar = {"under": "上级地方", "region": "行政区划", "default": "默认服务的地方"}

    under: PackId | None = None
    region: RegionCode | None = None
    default: bool = False
