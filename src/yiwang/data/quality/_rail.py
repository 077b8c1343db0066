"""The entry in the staff rail."""

from collections.abc import Iterable

from django.urls import reverse

from yiwang.data.quality import queries
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.design.contracts import RailGroup, RailItem


def entries(by: Actor) -> Iterable[RailGroup]:
    if not queries.may_view(by):
        return ()
    count = queries.totals(by).problems
    return (RailGroup("数据", (RailItem("数据质量", reverse("desk-quality"), count, "amber", "check"),), order=62),)
