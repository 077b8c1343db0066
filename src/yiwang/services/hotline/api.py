"""Open311 GeoReport v2: services, definitions, sending and reading requests, tokens; in JSON and XML, keys are machine tokens."""

import hashlib
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from ninja import Header
from pydantic import Field

from yiwang.data.places import queries as places
from yiwang.kernel.base import throttle
from yiwang.kernel.base.contracts import Actor, ActorKind, YiwangError
from yiwang.kernel.base.http import ApiRouter, answered_in, public_url
from yiwang.kernel.orgs import queries as orgs
from yiwang.services.hotline import _georeport as shape
from yiwang.services.hotline import _policy, actions, queries
from yiwang.services.hotline._desk_api import desk as desk
from yiwang.services.hotline._desk_api import lines as lines
from yiwang.services.hotline.contracts import BadTicket, Caller, Channel, Spot, TicketView
from yiwang.support.login import queries as login

public = ApiRouter(tags=["Open311"], audience="public")
senders = ApiRouter(tags=["Open311"], audience="outside")
"""Sending proves itself by the key in the form; reading the list stands at the same address."""

Format = Annotated[str, Field(pattern=r"^(json|xml)$")]
Code = Annotated[str, Field(max_length=40)]
IDS_MAX, PAGE, A_KEY_A_MINUTE = 100, 100, 120
SPOKEN = answered_in(*shape.MEDIA.values())


@public.get("/discovery.{fmt}", openapi_extra=SPOKEN)
def discovery(request: HttpRequest, fmt: Format) -> HttpResponse:
    """Where this place answers and in which shapes, for clients that are told no more than an address."""
    return shape.answer("discovery", shape.discovery(public_url(request)), fmt)


@public.get("/services.{fmt}", openapi_extra=SPOKEN)
def services(request: HttpRequest, fmt: Format, jurisdiction_id: Code = "") -> HttpResponse:
    """What can be reported: every topic of the tree."""
    if not _is_ours(jurisdiction_id):
        return shape.wrong(404, "jurisdiction_id provided was not found", fmt)
    return shape.answer("services", shape.services(), fmt)


@public.get("/services/{service_code}.{fmt}", openapi_extra=SPOKEN)
def definition(request: HttpRequest, service_code: Code, fmt: Format, jurisdiction_id: Code = "") -> HttpResponse:
    """What may be said of a service besides its words."""
    found = shape.definition(service_code)
    if found is None or not _is_ours(jurisdiction_id):
        return shape.wrong(404, "service_code or jurisdiction_id provided was not found", fmt)
    return shape.answer("definition", found, fmt)


@senders.post("/requests.{fmt}", openapi_extra=answered_in(*shape.MEDIA.values(), status=201))
def send(
    request: HttpRequest,
    fmt: Format,
    idempotency_key: Annotated[str, Header(alias="Idempotency-Key", max_length=80)] = "",
) -> HttpResponse:
    """Send a request, form-encoded. `api_key` is a machine's token. Without a key of its own the same request is one a day."""
    now, data = timezone.now(), request.POST
    by = _key(data.get("api_key", ""), now)
    if by is None:
        return shape.wrong(403, "api_key missing or not known", fmt)
    if not _is_ours(data.get("jurisdiction_id", "")):
        return shape.wrong(404, "jurisdiction_id provided was not found", fmt)
    if shape.definition(code := data.get("service_code", "")) is None:
        return shape.wrong(404 if code else 400, "service_code was not provided or not found", fmt)
    try:
        throttle.pace("open311", str(by.account_id), at=now, most=A_KEY_A_MINUTE)
        ticket = _taken(request, code, idempotency_key, by, now)
    except YiwangError as error:
        return shape.refused(error, fmt)
    return shape.answer("service_requests", [shape.taken(ticket)], fmt, status=201)


@public.get("/tokens/{token}.{fmt}", openapi_extra=SPOKEN)
def token(request: HttpRequest, token: Code, fmt: Format) -> HttpResponse:
    """The number behind a token (our query code); numbers are given at once, so this is for clients that ask anyway."""
    found = queries.shared(codes=[token])
    if not found:
        return shape.wrong(404, "token was not found", fmt)
    body = [{"service_request_id": one.number, "token": token} for one in found]
    return shape.answer("service_requests", body, fmt)


@senders.get("/requests.{fmt}", openapi_extra=SPOKEN)
def requests(
    request: HttpRequest,
    fmt: Format,
    service_request_id: Annotated[str, Field(max_length=2500)] = "",
    service_code: Annotated[str, Field(max_length=1000)] = "",
    start_date: Code = "",
    end_date: Code = "",
    status: Code = "",
    jurisdiction_id: Code = "",
) -> HttpResponse:
    """What was sent this way, the newest hundred; never what somebody said, exactly where, or a 举报."""
    if not _is_ours(jurisdiction_id):
        return shape.wrong(404, "jurisdiction_id provided was not found", fmt)
    try:
        found = queries.shared(
            numbers=_listed(service_request_id),
            categories=_listed(service_code),
            since=_day(start_date),
            until=_day(end_date),
            statuses=_listed(status),
            size=PAGE,
        )
    except BadTicket as error:
        return shape.refused(error, fmt)
    return _requests(found, fmt)


@public.get("/requests/{service_request_id}.{fmt}", openapi_extra=SPOKEN)
def one_request(
    request: HttpRequest, service_request_id: Code, fmt: Format, jurisdiction_id: Code = ""
) -> HttpResponse:
    """One of them by its number."""
    found = queries.shared(numbers=[service_request_id]) if _is_ours(jurisdiction_id) else []
    return _requests(found, fmt) if found else shape.wrong(404, "service_request_id was not found", fmt)


def _requests(found: list[TicketView], fmt: str) -> HttpResponse:
    units = orgs.named(one.lead_org_id for one in found if one.lead_org_id)
    body = [shape.request(one, units.get(one.lead_org_id or 0)) for one in found]
    return shape.answer("service_requests", body, fmt)


def _taken(request: HttpRequest, code: str, key: str, by: Actor, at: datetime) -> TicketView:
    data = request.POST
    said = "\n".join(f"{name}={value}" for name, value in sorted(data.items()) if name != "api_key")
    name = f"{data.get('last_name', '')}{data.get('first_name', '')}".strip()[:60]
    return actions.take(
        kind=shape.kind_of(data.get("attribute[kind]", "")),
        channel=Channel.OPEN311,
        content=data.get("description", ""),
        caller=Caller(name=name, phone=data.get("phone", "").strip()[:20]),
        spot=_spot(data),
        key=key or hashlib.sha256(f"{timezone.localdate(at)}\n{said}".encode()).hexdigest(),
        category=code,
        by=by,
        at=at,
    )


def _spot(data: Any) -> Spot:
    """A point, an address in words, or a region's code: one of them is needed."""
    words, region = data.get("address_string", "").strip()[:200], data.get("address_id", "").strip()[:12]
    try:
        lat, lon = (Decimal(data[name][:20]) if data.get(name) else None for name in ("lat", "long"))
    except InvalidOperation:
        raise BadTicket("lat, long: not a number") from None
    if lat is None and lon is None and not words and not region:
        raise BadTicket("lat and long, address_string or address_id is needed")
    grid = ""
    if (
        lat is not None
        and lon is not None
        and lat.is_finite()
        and lon.is_finite()
        and abs(lat) <= 90
        and abs(lon) <= 180
    ):
        found = places.grid_at(float(lon), float(lat))
        grid, region = (found.code, region or found.region_code) if found else ("", region)
    return Spot(words, lon, lat, region, grid)


def _key(text: str, at: datetime) -> Actor | None:
    by = login.actor_of_token(text[:200], at=at)
    return by if by.kind is ActorKind.MACHINE else None


def _is_ours(jurisdiction_id: str) -> bool:
    """No jurisdiction means ours."""
    return not jurisdiction_id or any(
        office.region_code == jurisdiction_id for office in orgs.of_kind(_policy.policy().office)
    )


def _listed(text: str) -> list[str]:
    return [one.strip() for one in text.split(",") if one.strip()][:IDS_MAX]


def _day(text: str) -> datetime | None:
    if not text:
        return None
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if found is None:
        raise BadTicket("start_date, end_date: not a W3C datetime")
    return found if found.tzinfo else timezone.make_aware(found)
