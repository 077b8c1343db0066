"""A text message to a number that has no inbox, such as a code."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from yiwang.kernel.base.contracts import Actor
from yiwang.support.connectors import actions as connectors
from yiwang.support.connectors.contracts import NoSuchSystem
from yiwang.support.notify import _routing, _words, queries
from yiwang.support.notify.kinds import MessageTemplate


def text(template: MessageTemplate, phone: str, facts: Mapping[str, Any], *, by: Actor, at: datetime) -> bool:
    """Queue it whatever the hour: somebody asked for it just now. False where the place sends none."""
    policy = queries.policy()
    if policy is None:
        return False
    words = _routing.sms_text(_words.fill(template.text.zh, facts, "zh"), policy)
    try:
        connectors.push(
            system=policy.channel,
            reference=f"number-{uuid4().hex}",
            subject="text",
            data={"phone": phone, "text": words},
            consumer="notify",
            about="",
            by=by,
            at=at,
        )
    except NoSuchSystem:
        return False
    return True
