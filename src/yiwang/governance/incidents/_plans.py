"""Whom an incident's steps ask, and the incident that another net's case becomes."""

from typing import Any

from yiwang.governance.incidents import _book
from yiwang.governance.incidents.contracts import KIND
from yiwang.governance.incidents.models import Incident
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import CaseView, Instance, Part, register_plan, register_roll

SLOT = "incident"
SPOT = ("lon", "lat", "grid_code", "place", "region_code")


def units(case: CaseView) -> list[Instance]:
    """Everyone who puts it right, each with the type's limit."""
    row = Incident.objects.get(case=case.id)
    limit = _book.type_of(f"{row.scope}:{row.kind}").limit
    return [Instance(org_id, limit=limit) for org_id in row.unit_ids]


def called(case: CaseView) -> list[Instance]:
    """Everyone who is called to the spot."""
    return [Instance(org_id) for org_id in Incident.objects.get(case=case.id).called_ids]


def from_ticket(case: CaseView) -> list[Part]:
    """One incident where a ticket says something is wrong: same number, same family.

    Read from the results or data of the case: `incident: {type, words, photos}` and `spot: {lon, lat, grid_code, place, region_code}`,
    as far as they are there; what is missing the command desk finds out.
    """
    known = {**cases.data(case.id), **cases.results(case.id)}
    given = known["incident"] if isinstance(known.get("incident"), dict) else {}
    spot = known["spot"] if isinstance(known.get("spot"), dict) else {}
    found: dict[str, Any] = {name: spot.get(name) or given.get(name) for name in SPOT}
    region_code = str(found.pop("region_code") or case.region_code)
    kind = _book.type_of(str(given.get("type") or _book.policy().unsorted))
    data = {**found, "type": kind.key, "words": given.get("words") or case.title, "photos": given.get("photos") or []}
    return [
        Part(
            slot=SLOT,
            title=kind.name,
            kind=KIND,
            flow=_book.policy().flow,
            org_id=_book.command_for(region_code).id,
            data={"incident": data},
            region_code=region_code,
        )
    ]


def register() -> None:
    register_roll("incidents.units", units)
    register_roll("incidents.called", called)
    register_plan("incidents.from_ticket", from_ticket)
