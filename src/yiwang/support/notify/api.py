"""One's own messages as JSON."""

from datetime import datetime, time
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Schema, Status
from pydantic import Field

from yiwang.kernel.base.http import ApiRouter, actor, public_url
from yiwang.support.notify import _preferences, _webhooks, actions, queries
from yiwang.support.notify.contracts import Choices, SubscriptionView, Way, Wording

router = ApiRouter(tags=["messages"], audience="signed-in")
machines = ApiRouter(tags=["webhooks"], audience="machine")


class MessageOut(Schema):
    """One message, in both languages."""

    id: int
    zh: Wording
    en: Wording
    case_number: str
    created_at: datetime
    read_at: datetime | None
    sms: str
    ways: list["Way"]


class MessagesOut(Schema):
    items: list[MessageOut]
    next_cursor: str | None
    unread: int


@router.get("/my/messages", response=MessagesOut, summary="My messages, newest first")
def messages(request: HttpRequest, cursor: str | None = None) -> Any:
    """An agent's own and those of the principal acted for; `unread` is counted up to 99."""
    page = queries.inbox_of(actor(request), cursor)
    return {"items": page.items, "next_cursor": page.next_cursor, "unread": queries.unread_of(actor(request))}


@router.post("/my/messages/{message_id}/read", response={204: None}, summary="Mark a message read")
def mark_read(request: HttpRequest, message_id: int) -> Any:
    """404 for a message of somebody else."""
    actions.mark_read(message_id=message_id, by=actor(request), at=timezone.now())
    return Status(204, None)


@router.post("/my/messages/read", response=dict[str, int], summary="Mark all my messages read")
def mark_all_read(request: HttpRequest) -> Any:
    """Answers how many."""
    return {"read": actions.mark_all_read(by=actor(request), at=timezone.now())}


class CategoryOut(Schema):
    """`kept` are channels that cannot be switched off, as the law wants people told."""

    id: str
    title: str
    basis: str
    on: list[str]
    kept: list[str]


class PreferencesOut(Schema):
    """`email` is masked; nothing goes there before `is_confirmed`."""

    categories: list[CategoryOut]
    language: str
    quiet_from: time | None
    quiet_until: time | None
    quiet_hours_max: int
    email: str
    is_confirmed: bool


class OffIn(Schema):
    category: Annotated[str, Field(max_length=60)]
    channel: Annotated[str, Field(max_length=8)]


class PreferencesIn(Schema):
    """All of it: what is not in `off` is on."""

    off: Annotated[list[OffIn], Field(max_length=100)] = []
    language: Annotated[str, Field(max_length=2)] = "zh"
    quiet_from: time | None = None
    quiet_until: time | None = None


class EmailIn(Schema):
    email: Annotated[str, Field(max_length=200)]


@router.get("/my/messages/preferences", response=PreferencesOut, summary="What I want to be told, and how")
def preferences(request: HttpRequest) -> Any:
    """One's own; an agent's mandate does not open the principal's."""
    return _preferences.of(actor(request))


@router.put("/my/messages/preferences", response=PreferencesOut, summary="Choose what I am told, and how")
def choose(request: HttpRequest, body: PreferencesIn) -> Any:
    """422 lists each wrong place, also what the law does not let one switch off."""
    off = frozenset((each.category, each.channel) for each in body.off)
    choices = Choices(off, body.language, body.quiet_from, body.quiet_until)
    actions.choose(choices=choices, by=actor(request), at=timezone.now())
    return _preferences.of(actor(request))


@router.put("/my/messages/email", response={202: None}, summary="Give an e-mail address")
def give_email(request: HttpRequest, body: EmailIn) -> Any:
    """A letter with a link goes there, good once and for 24 hours."""
    actions.give_email(email=body.email, site=public_url(request), by=actor(request), at=timezone.now())
    return Status(202, None)


@router.delete("/my/messages/email", response={204: None}, summary="Forget my e-mail address")
def drop_email(request: HttpRequest) -> Any:
    """Nothing goes there any more."""
    actions.drop_email(by=actor(request), at=timezone.now())
    return Status(204, None)


class SubscriptionIn(Schema):
    """`kinds` such as `cases.case.closed`; the address is public and https."""

    url: Annotated[str, Field(min_length=1, max_length=400)]
    kinds: Annotated[list[str], Field(min_length=1, max_length=20)]
    org_id: Annotated[int, Field(ge=1, lt=2**62)]


class SubscribedOut(Schema):
    """The secret is told this once: calls are signed with it as Standard Webhooks has it."""

    id: int
    secret: str


@machines.post("/webhooks", response={201: SubscribedOut}, summary="Be called when something happens in cases")
def subscribe(request: HttpRequest, body: SubscriptionIn) -> Any:
    """Only cases that your account may see; calls name no person."""
    found, secret = actions.subscribe(
        url=body.url, kinds=body.kinds, org_id=body.org_id, by=actor(request), at=timezone.now()
    )
    return Status(201, {"id": found.id, "secret": secret})


@machines.get("/webhooks", response=list[SubscriptionView], summary="My subscriptions")
def subscriptions(request: HttpRequest) -> Any:
    """Newest first, ended ones too."""
    return _webhooks.own(actor(request))


@machines.delete("/webhooks/{number}", response={204: None}, summary="End a subscription")
def unsubscribe(request: HttpRequest, number: Annotated[int, Field(ge=1, lt=2**62)]) -> Any:
    """What waits is not sent any more."""
    actions.unsubscribe(subscription_id=number, by=actor(request), at=timezone.now())
    return Status(204, None)
