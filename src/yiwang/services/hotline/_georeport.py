"""Open311 GeoReport v2 as data: services, definitions, requests, errors; and the same as JSON or XML."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree as Xml

from django.http import HttpResponse
from django.utils.translation import get_language, gettext

from yiwang.kernel.base.contracts import YiwangError
from yiwang.kernel.orgs.contracts import OrgView
from yiwang.kernel.packs import queries as packs
from yiwang.services.hotline import _policy
from yiwang.services.hotline._policy import Node
from yiwang.services.hotline.contracts import KIND_NAMES, TicketKind, TicketView
from yiwang.services.hotline.kinds import CATEGORIES

MEDIA = {"json": "application/json", "xml": "text/xml"}
_ITEMS = {
    "services": "service", "service_requests": "request", "errors": "error", "attributes": "attribute",
    "values": "value", "endpoints": "endpoint", "formats": "format",
}  # fmt: skip
# What is shown of a place to anybody: about a hundred metres.
_ABOUT = Decimal("0.001")
SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
Fields = Mapping[str, Any]


def services() -> list[Fields]:
    """Every topic as a service."""
    return [_service(node) for node in _policy.tree().leaves()]


def discovery(base: str) -> Fields:
    """Service Discovery: where this place answers, and since when its topics are as they are."""
    since = packs.loaded_at(packs.all_of(CATEGORIES)).values()
    endpoint = {
        "specification": SPECIFICATION,
        "url": f"{base}/api/open311/v2",
        "changeset": _moment(max(since, default=None)),
        "type": "production",
        "formats": list(MEDIA.values()),
    }
    return {
        "changeset": endpoint["changeset"],
        "contact": gettext("拨打12345，不分昼夜都有人接。"),
        "key_service": gettext("接入凭证由本地热线管理单位发给各系统。"),
        "endpoints": [endpoint],
    }


def definition(code: str) -> Fields | None:
    """What may be said of a service besides its words; None for an unknown one."""
    tree = _policy.tree()
    if code not in {node.code for node in tree.leaves()}:
        return None
    values = [{"key": kind.value, "name": name} for kind, name in KIND_NAMES.items()]
    kind = {
        "variable": True,
        "code": "kind",
        "datatype": "singlevaluelist",
        "required": False,
        "datatype_description": gettext("诉求类型；不填按求助受理"),
        "order": 1,
        "description": gettext("诉求类型"),
        "values": values,
    }
    return {"service_code": code, "attributes": [kind]}


def request(ticket: TicketView, unit: OrgView | None) -> Fields:
    """A request as anybody may read it: neither what was said nor exactly where, which is somebody's."""
    tree, spot = _policy.tree(), ticket.spot
    return {
        "service_request_id": ticket.number,
        "status": "open" if ticket.is_open else "closed",
        "status_notes": ticket.outcome,
        "service_name": tree.name(ticket.category, get_language()),
        "service_code": ticket.category,
        "description": None,
        "agency_responsible": unit.name if unit else "",
        "service_notice": None,
        "requested_datetime": _moment(ticket.received_at),
        "updated_datetime": _moment(
            ticket.closed_at or ticket.finished_at or ticket.dispatched_at or ticket.received_at
        ),
        "expected_datetime": _moment(ticket.due_at),
        "address": None,
        "address_id": spot.region_code,
        "zipcode": None,
        "lat": None if spot.lat is None else float(spot.lat.quantize(_ABOUT)),
        "long": None if spot.lon is None else float(spot.lon.quantize(_ABOUT)),
        "media_url": None,
    }


def taken(ticket: TicketView) -> Fields:
    notice = gettext("凭编号和电话后四位查进度。")
    return {"service_request_id": ticket.number, "service_notice": notice, "account_id": None}


def kind_of(text: str) -> TicketKind:
    return TicketKind(text) if text in set(TicketKind) else TicketKind.HELP


def answer(name: str, body: Sequence[Fields] | Fields, fmt: str, *, status: int = 200) -> HttpResponse:
    """A list (or the one definition) as the caller asked for it."""
    xml = Xml.tostring(_element(name, body), encoding="utf-8", xml_declaration=True) if fmt == "xml" else b""
    content = xml or json.dumps(body, ensure_ascii=False).encode()
    return HttpResponse(content, content_type=f"{MEDIA[fmt]}; charset=utf-8", status=status)


def wrong(code: int, description: str, fmt: str) -> HttpResponse:
    return answer("errors", [{"code": code, "description": description}], fmt, status=code)


def refused(error: YiwangError, fmt: str) -> HttpResponse:
    """One of ours in GeoReport's shape: what is wrong in the request is 400 there."""
    said = "；".join([error.message, *(place.message for place in getattr(error, "places", ()))])
    return wrong(400 if error.status in (409, 422) else error.status, said, fmt)


def _service(node: Node) -> Fields:
    tree, language = _policy.tree(), get_language()
    return {
        "service_code": node.code,
        "service_name": node.name.in_language(language),
        "description": tree.line(node.code, language),
        "metadata": True,
        "type": "realtime",
        "keywords": ",".join(node.words),
        "group": tree.name(node.code[:2], language),
    }


def _element(name: str, value: Any) -> Xml.Element:
    element = Xml.Element("service_definition" if name == "definition" else name)
    if isinstance(value, Mapping):
        for key, inner in value.items():
            element.append(_element(key, inner))
    elif isinstance(value, list | tuple):
        for inner in value:
            element.append(_element(_ITEMS[name], inner))
    elif value is not None:
        element.text = str(value).lower() if isinstance(value, bool) else str(value)
    return element


def _moment(at: datetime | None) -> str | None:
    return at.replace(microsecond=0).isoformat() if at else None
