"""The entry in the staff rail for messages to staff."""

from collections.abc import Iterable

from django.urls import reverse

from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.design.contracts import RailGroup, RailItem
from yiwang.support.notify import queries


def entries(by: Actor) -> Iterable[RailGroup]:
    count = queries.unread_of(by)
    return (RailGroup("消息", (RailItem("收到的消息", reverse("desk-messages"), count, "amber"),), order=70),)
