"""Sending messages, marking them read, what became of them on each channel, and what people choose."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.fields import sealed_index
from yiwang.support.notify import _numbers, queries
from yiwang.support.notify._campaigns import compose_campaign, decide_campaign, send_part, steer_campaign
from yiwang.support.notify._choosing import choose, confirm_email, drop_email, give_email, stop_letters
from yiwang.support.notify._receipts import note_receipt, send_again
from yiwang.support.notify._sending import send, send_to_staff
from yiwang.support.notify._telling import tell
from yiwang.support.notify._webhooks import carry_calls, subscribe, unsubscribe
from yiwang.support.notify.contracts import NoSuchMessage
from yiwang.support.notify.models import Message

__all__ = [
    "carry_calls",
    "choose",
    "compose_campaign",
    "confirm_email",
    "decide_campaign",
    "drop_email",
    "give_email",
    "mark_all_read",
    "mark_read",
    "note_receipt",
    "send",
    "send_again",
    "send_part",
    "send_to_number",
    "send_to_staff",
    "steer_campaign",
    "stop_letters",
    "subscribe",
    "tell",
    "unsubscribe",
]

READ_AT_ONCE_MAX = 500


@transaction.atomic
def send_to_number(*, template: str, phone: str, facts: Mapping[str, Any], by: Actor, at: datetime) -> bool:
    """A text message to a number that has no inbox, such as a code; False where the place sends no text messages.

    Raises NoSuchTemplate, FactMissing.
    """
    is_queued = _numbers.text(queries.template(template), phone, facts, by=by, at=at)
    detail = {"template": template, "queued": is_queued}
    audit.record("notify.text.sent", target=f"phone:{sealed_index(phone)[:16]}", by=by, at=at, detail=detail)
    return is_queued


@transaction.atomic
def mark_read(*, message_id: int, by: Actor, at: datetime) -> None:
    """Mark a message of one's own as read. Raises NoSuchMessage."""
    row = queries.mine(by).select_for_update().filter(pk=message_id).first()
    if row is None:
        raise NoSuchMessage("没有这条消息。", hint="请刷新后再看。")
    if row.read_at is None:
        Message.objects.filter(pk=row.pk).update(read_at=at)
        audit.record("notify.message.read", target=f"message:{row.pk}", by=by, at=at)


@transaction.atomic
def mark_all_read(*, by: Actor, at: datetime) -> int:
    """Mark everything of one's own as read, at most 500 at once; returns how many."""
    unread = queries.mine(by).filter(read_at__isnull=True).order_by("-id").values_list("pk", flat=True)
    count = Message.objects.filter(pk__in=list(unread[:READ_AT_ONCE_MAX])).update(read_at=at)
    if count:
        audit.record("notify.messages.read", target=f"account:{by.account_id}", by=by, at=at, detail={"count": count})
    return count
