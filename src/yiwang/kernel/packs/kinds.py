"""The one kind that packs know themselves: the place that a folder of packs belongs to."""

from yiwang.kernel.packs.contracts import PackId, PackModel

PLACE = "Place"


class PlacePack(PackModel):
    """A place; its packs lie over those of the place it is under."""

    under: PackId | None = None
