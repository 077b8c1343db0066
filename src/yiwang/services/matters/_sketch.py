"""Where a matter is carried out, as a sketch map: the organisations that have coordinates, over their regions' outlines."""

from collections.abc import Sequence

from django.urls import reverse

from yiwang.kernel.design.contracts import Pin, SketchMap
from yiwang.kernel.orgs import queries as orgs
from yiwang.services.matters.contracts import ImplementationView


def of(matter: ImplementationView, elsewhere: Sequence[ImplementationView]) -> SketchMap | None:
    """None where nobody's place is known: then the list of addresses says it all."""
    pins = tuple(_pin(each, is_here=each.id == matter.id) for each in (matter, *elsewhere) if each.lon is not None)
    if not pins:
        return None
    outlines = orgs.boundaries({each.region_code for each in (matter, *elsewhere)})
    return SketchMap(pins, tuple(each.rings for each in outlines))


def _pin(each: ImplementationView, *, is_here: bool) -> Pin:
    return Pin(
        name=each.org_short_name or each.org_name,
        lon=each.lon or 0.0,
        lat=each.lat or 0.0,
        note=f"{each.org_name} {each.org_address}".strip(),
        url="" if is_here else reverse("matter", args=[each.code]),
        is_here=is_here,
    )
