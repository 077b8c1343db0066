"""How far two points are from each other, and which incidents lie near one."""

from datetime import datetime, timedelta
from math import asin, cos, pi, radians, sin, sqrt

from django.db.models import QuerySet

from yiwang.governance.incidents.contracts import TypeView
from yiwang.governance.incidents.kinds import Nearness
from yiwang.governance.incidents.models import Incident
from yiwang.kernel.cases.contracts import CaseStatus

EARTH_M = 6_371_000
DEGREE_M = EARTH_M * pi / 180
CANDIDATES_MAX = 200


def metres(lon: float, lat: float, other_lon: float, other_lat: float) -> int:
    """Along the ground, rounded."""
    across = sin(radians(other_lat - lat) / 2) ** 2
    along = cos(radians(lat)) * cos(radians(other_lat)) * sin(radians(other_lon - lon) / 2) ** 2
    return round(2 * EARTH_M * asin(min(1.0, sqrt(across + along))))


def alike(kind: TypeView, lon: float, lat: float, within: Nearness, *, at: datetime) -> list[tuple[int, Incident]]:
    """Open incidents of the type that lie within so many metres and hours, the nearest first, with how far; one query."""
    found = [(metres(lon, lat, row.lon or 0, row.lat or 0), row) for row in _boxed(kind, lon, lat, within, at)]
    return sorted(((far, row) for far, row in found if far <= within.metres), key=lambda each: (each[0], each[1].pk))


def _boxed(kind: TypeView, lon: float, lat: float, within: Nearness, at: datetime) -> QuerySet[Incident]:
    up = within.metres / DEGREE_M
    # Near a pole a metre is many degrees wide.
    side = min(180.0, up / max(cos(radians(min(89.9, abs(lat) + up))), 1e-3))
    rows = Incident.objects.filter(
        scope=kind.scope,
        kind=kind.code,
        opened_at__gte=at - timedelta(hours=within.hours),
        opened_at__lte=at,
        lat__range=(lat - up, lat + up),
        lon__range=(lon - side, lon + side),
        case__status=CaseStatus.OPEN,
    )
    return rows.select_related("case").order_by("-opened_at", "-id")[:CANDIDATES_MAX]
