"""The entries in the staff rail: the catalogue, and what one's unit owes it."""

from collections.abc import Iterable

from django.urls import reverse

from yiwang.data.catalogue import queries
from yiwang.data.catalogue.contracts import EDIT, VIEW
from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.design.contracts import RailGroup, RailItem


def entries(by: Actor) -> Iterable[RailGroup]:
    if not access.may_anywhere(by, VIEW):
        return ()
    items = [RailItem("数据目录", reverse("desk-catalogue"), icon="list")]
    if access.may_anywhere(by, EDIT):
        items.append(RailItem("本单位数据", reverse("desk-catalogue-mine"), queries.count_owed(by), icon="inbox"))
    items.append(RailItem("一本账", reverse("desk-catalogue-ledger"), icon="grid"))
    return (RailGroup("数据", tuple(items), order=60),)
