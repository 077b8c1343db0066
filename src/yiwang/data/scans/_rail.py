"""The entry in the staff rail: scans, and how many pages wait for one's eye."""

from collections.abc import Iterable

from django.urls import reverse

from yiwang.data.scans import queries
from yiwang.data.scans.contracts import VIEW
from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.design.contracts import RailGroup, RailItem


def entries(by: Actor) -> Iterable[RailGroup]:
    if not access.may_anywhere(by, VIEW):
        return ()
    count = sum(queries.waiting(by).values())
    return (RailGroup("数据", (RailItem("扫描件数字化", reverse("desk-scans"), count, "amber", "file"),), order=61),)
