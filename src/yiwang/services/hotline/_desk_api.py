"""The hotline's desk as JSON: the list of tickets, and taking one down as the page does."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Header, Schema, Status
from pydantic import Field

from yiwang.kernel.access import queries as access
from yiwang.kernel.base.http import ApiRouter, actor, page_as
from yiwang.services.hotline import actions, queries
from yiwang.services.hotline.contracts import Caller, Channel, NotForThisPost, Spot, TicketKind, Urgency

desk = ApiRouter(tags=["12345热线工作台"], audience="staff")

Once = Annotated[str, Header(alias="Idempotency-Key", min_length=8, max_length=80)]
Degrees = Annotated[Decimal, Field(ge=-180, le=180, max_digits=12, allow_inf_nan=False)]


class TicketRowOut(Schema):
    number: str
    title: str
    kind: str
    category: str
    category_name: str
    urgency: str
    caller_masked: str
    region_code: str
    lead_org_id: int | None
    received_at: datetime
    due_at: datetime | None
    is_open: bool


class TicketPage(Schema):
    items: list[TicketRowOut]
    next_cursor: str | None
    previous_cursor: str | None


class TakeIn(Schema):
    """A call as the operator takes it down. `decision` is what the operator decides with it: `org_id`, `reason` and `words` belong to that."""

    kind: TicketKind
    channel: Literal[Channel.PHONE, Channel.LETTER, Channel.POLICE] = Channel.PHONE
    content: Annotated[str, Field(max_length=4000)]
    name: Annotated[str, Field(max_length=60)] = ""
    phone: Annotated[str, Field(max_length=20)] = ""
    place: Annotated[str, Field(max_length=200)] = ""
    lon: Degrees | None = None
    lat: Degrees | None = None
    region_code: Annotated[str, Field(pattern=r"^(\d{12})?$")] = ""
    grid_code: Annotated[str, Field(max_length=20)] = ""
    category: Annotated[str, Field(max_length=6)] = ""
    urgency: Urgency = Urgency.NORMAL
    decision: Literal["keep", "dispatch", "answer", "decline", "police"] = "keep"
    org_id: int | None = None
    reason: Annotated[str, Field(max_length=40)] = ""
    words: Annotated[str, Field(max_length=2000)] = ""


class TakenOut(Schema):
    number: str
    query_code: str
    is_open: bool
    lead_org_id: int | None


@desk.get("tickets", response=TicketPage, summary="热线工单列表")
def listed(
    request: HttpRequest,
    state: Literal["open", "closed", "all"] = "open",
    kind: TicketKind | None = None,
    cursor: str | None = None,
    size: Annotated[int, Field(ge=1, le=100)] = 20,
) -> Any:
    """Tickets of the hotlines that one watches, newest first."""
    by = actor(request)
    if not access.may_anywhere(by, actions.TAKE) and not access.may_anywhere(by, queries.LEAD):
        raise NotForThisPost("只有热线的岗位可以看工单列表。", hint="承办单位请看待办。")
    return page_as(TicketRowOut, queries.rows(by, state=state, kind=kind or "", cursor=cursor, size=size))


@desk.post("tickets", response={201: TakenOut}, summary="受理一件诉求")
def take(request: HttpRequest, once: Once, body: TakeIn) -> Any:
    """Take a call down, and decide it if the operator has decided; the same Idempotency-Key again answers with the first."""
    given = body.dict(exclude={"name", "phone", "place", "lon", "lat", "region_code", "grid_code"})
    ticket = actions.receive(
        **given,
        caller=Caller(name=body.name.strip(), phone=body.phone.strip()),
        spot=Spot(body.place.strip(), body.lon, body.lat, body.region_code, body.grid_code),
        key=once,
        by=actor(request),
        at=timezone.now(),
    )
    return Status(201, ticket)
