"""The entries in the staff rail for those who look after the money."""

from collections.abc import Iterable

from django.urls import reverse

from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.design.contracts import RailGroup, RailItem
from yiwang.support.payments import queries
from yiwang.support.payments.contracts import RECONCILE, VIEW


def entries(by: Actor) -> Iterable[RailGroup]:
    if not access.may_anywhere(by, VIEW):
        return ()
    items = [RailItem("缴费单", reverse("desk-payments")), RailItem("收费项目", reverse("desk-fees"))]
    if access.may_anywhere(by, RECONCILE):
        waiting = queries.count_differences()
        items.append(RailItem("对账", reverse("desk-reconciliations"), waiting, "red" if waiting else "plain"))
    return (RailGroup("收费", tuple(items), order=76),)
