"""How messages are forgotten: with what went out for them, after the time that a pack says."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.retention.contracts import Store, register_store
from yiwang.support.notify.models import Delivery, Message, Sms


def register() -> None:
    register_store(Store("notify.messages", "站内消息、短信和邮件", "发送", _due, _erase))


def _due(before: datetime, *, done: Any) -> Any:
    return Message.objects.filter(created_at__lt=before).order_by("pk").values_list("pk", flat=True)


def _erase(*, numbers: Sequence[int], ground: str, by: Actor, at: datetime) -> None:
    Delivery.objects.filter(message__in=numbers).delete()
    Sms.objects.filter(message__in=numbers).delete()
    Message.objects.filter(pk__in=numbers).delete()
