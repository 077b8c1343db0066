"""One's own messages as JSON."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Schema, Status

from yiwang.kernel.base.http import ApiRouter, actor
from yiwang.support.notify import actions, queries

router = ApiRouter(tags=["messages"], audience="signed-in")


class WordingOut(Schema):
    title: str
    text: str
    detail: str


class MessageOut(Schema):
    """One message, in both languages."""

    id: int
    zh: WordingOut
    en: WordingOut
    case_number: str
    created_at: datetime
    read_at: datetime | None
    sms: str


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
