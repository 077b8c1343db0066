"""What the registries do when a person says that one of them is wrong, and when addresses or grids were saved."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from yiwang.data.places import queries as places
from yiwang.data.registries import actions
from yiwang.kernel.base.contracts import SYSTEM


def objection_raised(*, payload: dict[str, Any], at: datetime) -> None:
    """Bring it to the unit that answers for the record."""
    actions.answer_objection(objection_id=payload["objection_id"], by=SYSTEM, at=at)


def addresses_saved(*, payload: dict[str, Any], at: datetime) -> None:
    """Hand the addresses of those villages over; one that is as it was changes nothing."""
    for region in payload["regions"]:
        actions.hand_over(registry="places", rows=_addresses(region), by=SYSTEM, at=at)


def grids_saved(*, payload: dict[str, Any], at: datetime) -> None:
    """Hand the grids of those villages over."""
    rows = (
        {"code": grid.code, "name": grid.name, "region_code": grid.region_code, "since": grid.since.isoformat()}
        for region in payload["regions"]
        for grid in places.grids(region)
    )
    actions.hand_over(registry="grids", rows=rows, by=SYSTEM, at=at)


def _addresses(region: str) -> Iterator[dict[str, str | None]]:
    after = 0
    while found := places.addresses(region, after=after):
        after = found[-1][0]
        for _, each in found:
            yield {
                "address": each.text, "region_code": each.region_code, "road": each.road, "number": each.number,
                "title": each.title, "longitude": f"{each.lon:.6f}", "latitude": f"{each.lat:.6f}",
            }  # fmt: skip
