"""The entry in the staff rail."""

from collections.abc import Iterable

from django.urls import reverse

from yiwang.data.entities import queries
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.design.contracts import RailGroup, RailItem


def entries(by: Actor) -> Iterable[RailGroup]:
    if not queries.may_view(by):
        return ()
    item = RailItem("实体归一", reverse("desk-entities"), queries.waiting_count(by), "amber", "check")
    return (RailGroup("数据", (item,), order=62),)
