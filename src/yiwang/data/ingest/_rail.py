"""The entry in the staff rail: deliveries, and how many wait for a word about their columns."""

from collections.abc import Iterable

from django.urls import reverse

from yiwang.data.ingest import queries
from yiwang.data.ingest.contracts import VIEW
from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.design.contracts import RailGroup, RailItem


def entries(by: Actor) -> Iterable[RailGroup]:
    if not access.may_anywhere(by, VIEW):
        return ()
    item = RailItem("数据汇聚", reverse("desk-ingest"), queries.count_held(by), "amber", "upload")
    return (RailGroup("数据", (item,), order=61),)
