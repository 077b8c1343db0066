"""The hotline's desk as JSON: the list of tickets, taking one down as the page does, and taking in many that somebody hands over."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Header, Schema, Status
from pydantic import AwareDatetime, Field, ValidationError, WrapValidator
from pydantic_core import to_json

from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Invalid, YiwangError
from yiwang.kernel.base.http import ApiRouter, actor, page_as
from yiwang.services.hotline import actions, queries
from yiwang.services.hotline.contracts import (
    BadTicket,
    Caller,
    Channel,
    NewTicket,
    NotForThisPost,
    Spot,
    TicketKind,
    TicketView,
    Urgency,
)

desk = ApiRouter(tags=["12345热线工作台"], audience="staff")
lines = ApiRouter(tags=["12345热线转办"], audience="machine")

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


class CallIn(Schema):
    """What somebody wants seen to."""

    kind: TicketKind
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


class TakeIn(CallIn):
    """A call as the operator takes it down. `decision` is what the operator decides with it: `org_id`, `reason` and `words` belong to that."""

    channel: Literal[Channel.PHONE, Channel.LETTER, Channel.POLICE] = Channel.PHONE
    decision: Literal["keep", "dispatch", "answer", "decline", "police"] = "keep"
    org_id: int | None = None
    reason: Annotated[str, Field(max_length=40)] = ""
    words: Annotated[str, Field(max_length=2000)] = ""


class HandedIn(CallIn):
    """One of many. `key` is the sender's own and says which it is when it is sent again; `external_number` is what the sender calls it."""

    key: Annotated[str, Field(min_length=1, max_length=80)]
    channel: Literal[Channel.PHONE, Channel.LETTER, Channel.POLICE, Channel.OPEN311] | None = None
    received_at: AwareDatetime | None = None
    external_source: Annotated[str, Field(max_length=40)] = ""
    external_number: Annotated[str, Field(max_length=80)] = ""


def _own_answer(value: Any, read: Any) -> Any:
    """What is wrong with one keeps none of the others back."""
    try:
        return read(value)
    except ValidationError as wrong:
        return wrong


class ManyIn(Schema):
    tickets: Annotated[
        list[Annotated[HandedIn, WrapValidator(_own_answer)]], Field(min_length=1, max_length=actions.MANY_MAX)
    ]


class PlaceOut(Schema):
    where: str
    message: str


class AnswerOut(Schema):
    """The ticket, or why it was refused: `code`, `message`, and the places that are wrong."""

    number: str = ""
    query_code: str = ""
    code: str = ""
    message: str = ""
    places: list[PlaceOut] = []


class ManyOut(Schema):
    """`answers` stand in the order of the tickets."""

    taken: int
    refused: int
    answers: list[AnswerOut]


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


@desk.post("tickets/batch", response=ManyOut, summary="批量受理诉求")
def take_many(request: HttpRequest, body: ManyIn) -> Any:
    """Take down up to 500 calls that were written down elsewhere. Each is answered on its own, sent again under its key it is the same ticket."""
    return _taken(request, body, Channel.PHONE)


@lines.post("tickets/batch", response=ManyOut, summary="批量转来诉求")
def hand_over(request: HttpRequest, body: ManyIn) -> Any:
    """The same for another system, by its token: a line that forwards what it took down."""
    return _taken(request, body, Channel.OPEN311)


def _taken(request: HttpRequest, body: ManyIn, channel: Channel) -> HttpResponse:
    read: list[Any] = list(body.tickets)
    good = [one for one in read if isinstance(one, HandedIn)]
    tickets = [_new(one, channel) for one in good]
    found = iter(actions.take_many(tickets=tickets, by=actor(request), at=timezone.now()))
    answers = [_answer(next(found) if isinstance(one, HandedIn) else one) for one in read]
    taken = sum(1 for answer in answers if "number" in answer)
    content = {"taken": taken, "refused": len(answers) - taken, "answers": answers}
    return HttpResponse(to_json(content), content_type="application/json; charset=utf-8")


def _new(one: HandedIn, channel: Channel) -> NewTicket:
    return NewTicket(
        kind=one.kind,
        channel=Channel(one.channel or channel),
        content=one.content,
        caller=Caller(name=one.name.strip(), phone=one.phone.strip()),
        spot=Spot(one.place.strip(), one.lon, one.lat, one.region_code, one.grid_code),
        key=one.key,
        category=one.category,
        urgency=one.urgency,
        external=(one.external_source, one.external_number),
        received_at=one.received_at,
    )


def _answer(one: TicketView | YiwangError | ValidationError) -> dict[str, Any]:
    if isinstance(one, TicketView):
        return {"number": one.number, "query_code": one.query_code}
    if isinstance(one, ValidationError):
        wrong = [{"where": ".".join(map(str, error["loc"])), "message": error["msg"]} for error in one.errors()]
        return {"code": BadTicket.code, "message": "这一件的写法不对。", "places": wrong}
    places = one.places if isinstance(one, Invalid) else ()
    told = [{"where": place.where, "message": place.message} for place in places]
    return {"code": one.code, "message": one.message, "places": told}
