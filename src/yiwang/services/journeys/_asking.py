"""What a one-thing saves in fields and materials, by its own explanation."""

from yiwang.kernel.forms.contracts import Saving
from yiwang.kernel.packs.contracts import Pack, PackSet
from yiwang.services.journeys._book import book
from yiwang.services.journeys._explain import explain
from yiwang.services.journeys.kinds import JOURNEY


def saving(pack: Pack, packs: PackSet) -> Saving:
    """Against doing each matter by itself: rows of their forms and papers, and those nobody gives any more."""
    found = explain(book(pack, packs))
    asked = sum(not line.source for line in found.fields)
    return Saving(
        JOURNEY, pack.id, str(pack.title), found.own_field_rows, max(0, found.own_field_rows - asked),
        found.own_material_rows, found.own_material_rows - len(found.materials_asked),
    )  # fmt: skip
