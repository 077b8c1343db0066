"""Everything the page of one incident shows, gathered once."""

from dataclasses import dataclass
from datetime import datetime

from yiwang.data.places import queries as places
from yiwang.governance.incidents import queries
from yiwang.governance.incidents.contracts import ArrivalView, IncidentView, ReportView
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import AttachmentView, CaseView, RoundView, TaskView
from yiwang.kernel.design.contracts import Pin, SketchMap
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.orgs.contracts import NobodyHandles, OrgView
from yiwang.kernel.people import queries as people

SENDING = frozenset({"dispatch", "county", "city", "province"})
ON_THE_SPOT = frozenset({"whistle", "handle", "check", "village"})


@dataclass(frozen=True, slots=True)
class Gathered:
    """`mine` are the open steps that the reader may take; `choosable` the units to send to, the suggested first."""

    incident: IncidentView
    case: CaseView
    grid_name: str
    region_name: str
    org_name: str
    reports: list[tuple[ReportView, str]]
    arrivals: list[tuple[ArrivalView, str]]
    photos: list[AttachmentView]
    alike: list[tuple[int, IncidentView]]
    mine: list[TaskView]
    sending: TaskView | None
    filing: TaskView | None
    choosable: list[OrgView]
    suggested: int | None
    rounds: list[RoundView]
    sketch: SketchMap | None


def gathered(code: str, *, by: Actor, at: datetime) -> Gathered:
    """Raises NoSuchIncident."""
    incident = queries.get(code, by)
    case = cases.peek(incident.case_id, at=at)
    mine = [task for task in case.steps_open if _is_mine(task, by)]
    sending = next((task for task in mine if task.step in SENDING), None)
    filing = next((task for task in mine if task.step == "file"), None)
    suggested, choosable = _units(incident) if sending else (None, [])
    grids = places.named([incident.grid_code]) if incident.grid_code else {}
    reports, arrivals = queries.reports(code), queries.arrivals(code)
    names = people.accounts([each.by_id for each in reports if each.by_id])
    offices = orgs.named([incident.org_id, *(each.org_id for each in arrivals)])
    return Gathered(
        incident=incident,
        case=case,
        grid_name=grids[incident.grid_code].name if incident.grid_code in grids else "",
        region_name=orgs.full_name(incident.region_code),
        org_name=offices[incident.org_id].name,
        reports=[(each, names[each.by_id].name if each.by_id in names else "") for each in reports],
        arrivals=[(each, offices[each.org_id].short_name) for each in arrivals],
        photos=[each for each in cases.attachments(incident.case_id) if each.role.startswith("incident:")],
        alike=queries.similar_to(code, at=at) if filing else [],
        mine=[task for task in mine if task.step in ON_THE_SPOT],
        sending=sending,
        filing=filing,
        choosable=choosable,
        suggested=suggested,
        rounds=cases.rounds(incident.case_id, at=at),
        sketch=_sketch(incident),
    )


def may_see_photo(file_id: int, by: Actor) -> bool:
    return queries.is_photo_seen_by(file_id, by)


def _is_mine(task: TaskView, by: Actor) -> bool:
    return any((post.org_id, post.post_type) == (task.org_id, task.post) for post in by.posts) and (
        task.assignee_id in (None, by.account_id)
    )


def _units(incident: IncidentView) -> tuple[int | None, list[OrgView]]:
    """Every kind of unit that the types name, as it stands at this place."""
    found: dict[int, OrgView] = {}
    suggested: int | None = None
    try:
        first = queries.unit_for(incident.type_key, incident.region_code)
        suggested, found[first.id] = first.id, first
    except NobodyHandles:
        pass
    for unit in queries.units_at(incident.region_code):
        found.setdefault(unit.id, unit)
    return suggested, list(found.values())


def _sketch(incident: IncidentView) -> SketchMap | None:
    if incident.lon is None or incident.lat is None:
        return None
    shapes = places.features(incident.region_code)["features"]
    rings = [each["geometry"]["coordinates"] for each in shapes if each["geometry"]["type"] == "Polygon"]
    pin = Pin(incident.type_name, incident.lon, incident.lat, is_here=True)
    return SketchMap((pin,), tuple(tuple(tuple((x, y) for x, y in ring) for ring in each) for each in rings))
