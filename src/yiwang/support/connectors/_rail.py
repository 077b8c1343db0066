"""The entry in the staff rail for those who look after the lines."""

from collections.abc import Iterable

from django.urls import reverse

from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.design.contracts import RailGroup, RailItem
from yiwang.support.connectors import _permits, queries


def entries(by: Actor) -> Iterable[RailGroup]:
    if not _permits.may(by, _permits.VIEW):
        return ()
    waiting = queries.count_to_settle()
    item = RailItem("外部系统", reverse("outside"), waiting, "red" if waiting else "plain")
    return (RailGroup("配置", (item,), order=81),)
