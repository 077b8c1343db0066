"""Reading incidents: one, lists, the map, what is alike; constant numbers of queries."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from yiwang.data.places import queries as places
from yiwang.governance.incidents import _book, _near
from yiwang.governance.incidents._book import types as types
from yiwang.governance.incidents._book import unit_for as unit_for
from yiwang.governance.incidents._book import units_at as units_at
from yiwang.governance.incidents.contracts import (
    VIEW,
    ArrivalView,
    Channel,
    ComponentView,
    Filters,
    IncidentRow,
    IncidentView,
    NoSuchIncident,
    ReportView,
    Scope,
)
from yiwang.governance.incidents.models import Arrival, Component, Incident, Report
from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.paging import Page, keyset
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import CaseStatus
from yiwang.kernel.orgs import queries as orgs

MAP_MAX = 2000
EVERYTHING_OPEN = Filters()
REPORTS_MAX = 200


def get(code: str, by: Actor) -> IncidentView:
    """One incident that `by` may see. Raises NoSuchIncident, for what they may not see too."""
    row = _visible(by).filter(code=code).first()
    if row is None:
        raise NoSuchIncident("没有这个事件，或您不能查看。", hint="请核对16位案卷编号。")
    return view_of(row)


def by_case(case_id: int) -> IncidentView | None:
    """The incident that a case is about."""
    row = _rows().filter(case=case_id).first()
    return view_of(row) if row else None


def listed(
    by: Actor,
    filters: Filters = EVERYTHING_OPEN,
    *,
    at: datetime,
    cursor: str | None = None,
    size: int = 20,
) -> Page[IncidentRow]:
    """Incidents that `by` may see, the newest first, with their open steps; six queries whatever the page."""
    rows = _filtered(by, filters, at)
    page = keyset(rows, order=("-opened_at", "-id"), cursor=cursor, size=size).map(view_of)
    steps = cases.open_rows([each.case_id for each in page.items], at=at)
    grids = places.named(each.grid_code for each in page.items)
    regions = orgs.regions(each.region_code for each in page.items)

    def row(each: IncidentView) -> IncidentRow:
        grid, region = grids.get(each.grid_code), regions.get(each.region_code)
        return IncidentRow(
            each, grid.name if grid else "", region.name if region else "", tuple(steps.get(each.case_id, ()))
        )

    return page.map(row)


def points(by: Actor, filters: Filters = EVERYTHING_OPEN, *, at: datetime) -> dict[str, Any]:
    """As `listed`, for a map: a GeoJSON FeatureCollection of at most two thousand points, the newest first."""
    rows = list(_filtered(by, filters, at).exclude(lon=None).order_by("-opened_at")[:MAP_MAX])
    steps = cases.open_rows([row.case_id for row in rows], at=at)
    return {"type": "FeatureCollection", "features": [_feature(row, steps.get(row.case_id, ())) for row in rows]}


def counts(by: Actor, *, at: datetime) -> dict[str, int]:
    """How many that `by` may see are open, were opened today, and were solved in thirty days; one query."""
    today = at - timedelta(hours=24)
    month = at - timedelta(days=30)
    return _seen(by, Incident.objects.all()).aggregate(
        open=Count("id", filter=Q(case__status=CaseStatus.OPEN)),
        today=Count("id", filter=Q(opened_at__gte=today)),
        solved=Count("id", filter=Q(case__closed_at__gte=month, case__outcome__in=("solved", "self-handled"))),
    )


def similar(type_key: str, lon: float, lat: float, *, at: datetime) -> list[tuple[int, IncidentView]]:
    """Open incidents of the type that may be the same, the nearest first, each with its metres; one query.

    Raises NoSuchType, BadCoordinates.
    """
    x, y = places.point(lon, lat)
    found = _near.alike(_book.type_of(type_key), x, y, _book.policy().similar, at=at)
    return [(far, view_of(row)) for far, row in found[:10]]


def similar_to(code: str, *, at: datetime) -> list[tuple[int, IncidentView]]:
    """As `similar`, for an incident that is there; itself left out."""
    row = Incident.objects.filter(code=code).exclude(lon=None).first()
    if row is None or row.lon is None or row.lat is None:
        return []
    return [each for each in similar(f"{row.scope}:{row.kind}", row.lon, row.lat, at=at) if each[1].code != code]


def reports(code: str) -> list[ReportView]:
    """What was reported under an incident, the first first; at most two hundred."""
    rows = Report.objects.filter(incident__code=code).order_by("-is_first", "id")[:REPORTS_MAX]
    return [
        ReportView(
            row.pk,
            row.account_id,
            Channel(row.channel),
            row.words or "",
            row.place or "",
            row.lon,
            row.lat,
            tuple(row.photos),
            tuple(row.photos_after),
            row.seen_at,
            row.received_at,
            row.is_first,
        )
        for row in rows
    ]


def reported_by(account_id: int, *, size: int = 10) -> list[tuple[ReportView, IncidentView]]:
    """What an account reported last, each with the incident it belongs to."""
    rows = Report.objects.filter(account=account_id).order_by("-id")[:size]
    found = {row.pk: view_of(row) for row in _rows().filter(pk__in=[each.incident_id for each in rows])}
    return [
        (
            ReportView(
                row.pk,
                row.account_id,
                Channel(row.channel),
                "",
                "",
                row.lon,
                row.lat,
                tuple(row.photos),
                tuple(row.photos_after),
                row.seen_at,
                row.received_at,
                row.is_first,
            ),
            found[row.incident_id],
        )
        for row in rows
    ]


def arrivals(code: str) -> list[ArrivalView]:
    """Who came to the spot, in the order they came."""
    rows = Arrival.objects.filter(incident__code=code).order_by("arrived_at", "id")
    return [ArrivalView(row.org_id, row.account_id, row.distance_m, row.arrived_at) for row in rows]


def is_photo_seen_by(file_id: int, by: Actor) -> bool:
    """Whether a file is a photo reported under, or attached to, an incident that `by` may see; one query."""
    rows = Report.objects.filter(Q(photos__contains=[file_id]) | Q(photos_after__contains=[file_id]))
    attached = cases.cases_with(file_id, role="incident:")
    return _seen(by, Incident.objects.filter(Q(reports__in=rows) | Q(case__in=attached))).exists()


def components(region: str, *, size: int = MAP_MAX) -> list[ComponentView]:
    """Components of a region and all below it, in order of mark."""
    rows = Component.objects.filter(region_code__startswith=orgs.stem(region)).order_by("mark")[:size]
    return [_component(row) for row in rows]


def view_of(row: Incident) -> IncidentView:
    kind = types().get(f"{row.scope}:{row.kind}")
    return IncidentView(
        code=row.code,
        title=row.title,
        type_key=f"{row.scope}:{row.kind}",
        type_name=kind.name if kind else row.kind,
        scope=Scope(row.scope),
        case_id=row.case_id,
        case_number=row.case.number,
        is_open=row.case.status == CaseStatus.OPEN,
        outcome=row.case.outcome,
        region_code=row.region_code,
        grid_code=row.grid_code,
        lon=row.lon,
        lat=row.lat,
        place=row.place or "",
        org_id=row.org_id,
        units=tuple(row.unit_ids),
        called=tuple(row.called_ids),
        component=row.component.mark if row.component else "",
        reports=getattr(row, "reported", 0),
        opened_at=row.opened_at,
        closed_at=row.case.closed_at,
        merged_into=row.merged_into.code if row.merged_into else "",
        score=row.score,
        figures=row.figures,
    )


def _rows() -> QuerySet[Incident]:
    # Counted for each row that is shown: a join would group all rows before the first page.
    reported = Report.objects.filter(incident=OuterRef("pk")).order_by().values("incident").annotate(n=Count("pk"))
    counted = Coalesce(Subquery(reported.values("n")), 0)
    return Incident.objects.select_related("case", "component", "merged_into").annotate(reported=counted)


def _visible(by: Actor) -> QuerySet[Incident]:
    return _seen(by, _rows())


def _seen(by: Actor, rows: QuerySet[Incident]) -> QuerySet[Incident]:
    """Those led at an organisation one may look at, and those one's own organisation puts right."""
    own = [post.org_id for post in by.posts] if access.may_anywhere(by, VIEW) else []
    return (
        rows.filter(access.org_filter(by, VIEW) | Q(unit_ids__overlap=own))
        if own
        else rows.filter(access.org_filter(by, VIEW))
    )


def _filtered(by: Actor, filters: Filters, at: datetime) -> QuerySet[Incident]:
    rows = _visible(by)
    if filters.state in (CaseStatus.OPEN, CaseStatus.CLOSED):
        rows = rows.filter(case__status=filters.state)
    scope, _, code = filters.class_code.partition(":")
    if code:
        rows = rows.filter(scope=scope, kind__startswith=code)
    if filters.region:
        rows = rows.filter(region_code__startswith=orgs.stem(filters.region))
    return rows.filter(opened_at__gte=at - timedelta(days=filters.days)) if filters.days else rows


def _feature(row: Incident, steps: Sequence[Any]) -> dict[str, Any]:
    lamps = [str(each.lamp) for each in steps]
    lamp = next((each for each in ("red", "yellow", "green") if each in lamps), "done" if not steps else "green")
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [row.lon, row.lat]},
        "properties": {
            "code": row.code,
            "title": row.title,
            "lamp": lamp,
            "step": "、".join(each.step_name for each in steps[:2]),
        },
    }


def _component(row: Component) -> ComponentView:
    key = f"{Scope.COMPONENT}:{row.code}"
    kind = types().get(key)
    return ComponentView(
        row.mark,
        row.name,
        key,
        kind.name if kind else row.code,
        row.region_code,
        row.grid_code,
        row.owner,
        row.lon,
        row.lat,
    )
