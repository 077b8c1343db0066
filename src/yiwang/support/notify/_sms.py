"""The text message of a message: under the place's signature, within a day's measure, not at night."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any
from uuid import uuid4

from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.fields import sealed_index
from yiwang.kernel.workdays.contracts import LEGAL_TIME
from yiwang.support.connectors import actions as connectors
from yiwang.support.connectors.contracts import NoSuchSystem
from yiwang.support.notify import _words, queries
from yiwang.support.notify.contracts import SmsState
from yiwang.support.notify.kinds import MessagePolicy, MessageTemplate
from yiwang.support.notify.models import Message, Sms

REFERENCE = "sms-"


def queue(message: Message, template: MessageTemplate, phone: str, *, by: Actor, at: datetime) -> None:
    """Queue it with the transaction; held back when the number has had enough today."""
    policy = queries.policy()
    if policy is None or not phone:
        return
    index = sealed_index(phone)
    is_enough = not template.is_urgent and _sent_today(index, at) >= policy.per_day
    row = Sms.objects.create(
        message=message,
        phone=phone,
        phone_index=index,
        state=SmsState.HELD if is_enough else SmsState.WAITING,
        created_at=at,
        changed_at=at,
    )
    if is_enough:
        return
    text = f"【{policy.sign}】{message.wording['zh']['text']}"
    try:
        connectors.push(
            system=policy.channel,
            reference=f"{REFERENCE}{row.pk}",
            subject="text",
            data={"phone": phone, "text": text},
            consumer="notify",
            about=message.case_number,
            not_before=at if template.is_urgent else after_the_night(policy, at),
            by=by,
            at=at,
        )
    except NoSuchSystem:
        Sms.objects.filter(pk=row.pk).update(state=SmsState.FAILED, trouble="no-channel")


def to_number(template: MessageTemplate, phone: str, facts: Mapping[str, Any], *, by: Actor, at: datetime) -> bool:
    """Queue a text for a number that has no inbox, whatever the hour; False where the place sends none."""
    policy = queries.policy()
    if policy is None:
        return False
    text = f"【{policy.sign}】{_words.fill(template.text.zh, facts, 'zh')}"
    try:
        connectors.push(
            system=policy.channel,
            reference=f"number-{uuid4().hex}",
            subject="text",
            data={"phone": phone, "text": text},
            consumer="notify",
            about="",
            by=by,
            at=at,
        )
    except NoSuchSystem:
        return False
    return True


def after_the_night(policy: MessagePolicy, at: datetime) -> datetime:
    """`at`, or the morning after when people sleep."""
    local = at.astimezone(LEGAL_TIME)
    now, quiet_from, until = local.time(), policy.quiet_from, policy.quiet_until
    crosses_midnight = quiet_from > until
    is_quiet = (now >= quiet_from or now < until) if crosses_midnight else quiet_from <= now < until
    if not is_quiet:
        return at
    day = local.date() + timedelta(days=1 if crosses_midnight and now >= quiet_from else 0)
    return datetime.combine(day, until, LEGAL_TIME)


def id_of(reference: str) -> int:
    tail = reference.removeprefix(REFERENCE)
    return int(tail) if tail.isdigit() else 0


def _sent_today(index: str, at: datetime) -> int:
    midnight = datetime.combine(at.astimezone(LEGAL_TIME).date(), time(), LEGAL_TIME)
    sent = Sms.objects.filter(phone_index=index, created_at__gte=midnight).exclude(state=SmsState.HELD)
    return sent.count()
