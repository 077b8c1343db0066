"""The entry in the staff rail for parcels that were lost or could not be sent."""

from collections.abc import Iterable

from django.urls import reverse

from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.design.contracts import RailGroup, RailItem
from yiwang.support.delivery import queries


def entries(by: Actor) -> Iterable[RailGroup]:
    if not access.may_anywhere(by, "cases.act"):
        return ()
    count = queries.count_to_make_good(by)
    if not count:
        return ()
    return (RailGroup("寄递", (RailItem("遗失待重寄", reverse("lost-parcels"), count, "red"),), order=75),)
