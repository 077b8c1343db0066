"""The entry in the staff rail for messages to staff."""

from collections.abc import Iterable

from django.urls import reverse

from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.design.contracts import RailGroup, RailItem
from yiwang.support.notify import queries


def entries(by: Actor) -> Iterable[RailGroup]:
    count = queries.unread_of(by)
    items = [RailItem("收到的消息", reverse("desk-messages"), count, "amber")]
    if access.may_anywhere(by, "notify.view"):
        items.append(RailItem("消息送达报告", reverse("desk-message-report"), icon="list"))
        items.append(RailItem("群发消息", reverse("desk-campaigns"), icon="message"))
    return (RailGroup("消息", tuple(items), order=70),)
