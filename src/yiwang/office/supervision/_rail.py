"""Entries in the staff rail: cards with how many are not finished, and what new calendars changed."""

from collections.abc import Iterable

from django.urls import reverse

from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.design.contracts import RailGroup, RailItem
from yiwang.office.supervision import queries


def entries(by: Actor) -> Iterable[RailGroup]:
    if not access.may_anywhere(by, queries.SEE):
        return ()
    items = [RailItem("监察牌", reverse("desk-cards"), queries.count_open(by), "red", "warn")]
    if access.may_anywhere(by, queries.SUPERVISE):
        items.append(RailItem("期限重算", reverse("desk-recalculations"), icon="clock"))
    return (RailGroup("督查督办", tuple(items), order=40),)
