"""What pages read of their forms, and the lists they choose from."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import HttpRequest

from yiwang.data.places import queries as places
from yiwang.data.places.contracts import Precision
from yiwang.kernel.base.contracts import Actor, Place
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.orgs.contracts import OrgView
from yiwang.services.hotline import _policy
from yiwang.services.hotline.contracts import BadTicket, Caller, Channel, Spot, TicketKind, Urgency

_EXACT = frozenset({Precision.DOOR, Precision.SITE, Precision.ROAD})
KEY_MAX = 80


def call(request: HttpRequest, by: Actor) -> dict[str, Any]:
    """What an operator took down, for `actions.receive`. Raises BadTicket."""
    data = request.POST
    return {
        "kind": kind(data.get("kind", "")),
        "channel": _channel(data.get("channel", "phone")),
        "content": data.get("content", ""),
        "caller": Caller(
            name=data.get("name", "").strip()[:60],
            phone=data.get("phone", "").strip()[:20],
            private=data.get("private", "").strip(),
        ),
        "spot": spot(request),
        "key": data.get("once", "")[:KEY_MAX],
        "category": category(data.get("category", "")),
        "urgency": urgency(data.get("urgency", "")) or Urgency.NORMAL,
        "external": ("110", number) if (number := data.get("external", "").strip()[:80]) else ("", ""),
        "decision": data.get("decision", "keep"),
        "org_id": whole(data.get("org_id", "")),
        "reason": data.get("reason", "")[:40],
        "words": data.get("words", "").strip()[:2000],
    }


def spot(request: HttpRequest) -> Spot:
    """Words, point, region and grid; what was only said is looked up among the addresses."""
    data = request.POST
    words, region = data.get("place", "").strip()[:200], data.get("region", "").strip()[:12]
    lon, lat = _number(data.get("lon", "")), _number(data.get("lat", ""))
    grid = data.get("grid", "").strip()[:20]
    if words and lon is None:
        best = next((one for one in places.find(words, region=region, size=1) if one.precision in _EXACT), None)
        if best is not None and best.lon is not None and best.lat is not None:
            lon, lat, grid = Decimal(str(best.lon)), Decimal(str(best.lat)), best.grid_code
            region = region or best.region_code
    if lon is not None and lat is not None and lon.is_finite() and abs(lon) <= 180 and abs(lat) <= 90 and not grid:
        found = places.grid_at(float(lon), float(lat))
        grid, region = (found.code, region or found.region_code) if found else (grid, region)
    return Spot(words, lon, lat, region, grid)


def kind(text: str) -> TicketKind:
    """Raises BadTicket."""
    if text not in set(TicketKind):
        raise BadTicket("还没有选诉求类型。", places=[Place("kind", "请选一类。")])
    return TicketKind(text)


def category(text: str) -> str:
    """The code that begins a line of the list, or the code of a category called so; else what was typed, for the check to refuse."""
    said = text.strip()[:80]
    first = said.split(" ")[0]
    if not said or first.isdecimal():
        return first[:6]
    named = (node.code for node in _policy.tree().nodes.values() if node.name.zh == said)
    return next(named, said)


def urgency(text: str) -> Urgency | None:
    return Urgency(text) if text in set(Urgency) else None


def whole(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 16 else None


def regions() -> list[tuple[str, str]]:
    """Every place below the hotline's region, counties with their towns and villages, for a list to choose from."""
    offices = orgs.of_kind(_policy.policy().office)
    found: list[tuple[str, str]] = []
    ahead = [(offices[0].region_code, "")] if offices else []
    while ahead and len(found) < REGIONS_MAX:
        code, above = ahead.pop(0)
        for one in orgs.regions_within(code):
            name = f"{above}{one.name}"
            found.append((one.code, name))
            if one.level < COUNTY_DEPTH:
                ahead.append((one.code, name))
    return sorted(found)


REGIONS_MAX, COUNTY_DEPTH = 400, 4
"""Towns are far enough for a list; villages are found by their address."""


def units() -> list[OrgView]:
    """The units that the catalogue names, and local governments."""
    known, otherwise = _policy.entries()
    return orgs.of_kinds({entry.unit for entry in known.values()} | ({otherwise} if otherwise else set()))


def _channel(text: str) -> Channel:
    return Channel(text) if text in set(Channel) else Channel.PHONE


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text.strip()[:20]) if text.strip() else None
    except InvalidOperation:
        raise BadTicket("位置不对。", places=[Place("place", "经纬度应是数字，请重新定位。")]) from None
