"""The entries in the staff rail for whoever scans codes or makes plates."""

from collections.abc import Iterable

from django.urls import reverse

from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.design.contracts import RailGroup, RailItem
from yiwang.support.codes.contracts import PLATES, SCAN


def entries(by: Actor) -> Iterable[RailGroup]:
    items = []
    if access.may_anywhere(by, SCAN):
        items.append(RailItem("扫码", reverse("desk-scan"), icon="qr"))
    if access.may_anywhere(by, PLATES):
        items.append(RailItem("门牌码", reverse("desk-plates"), icon="qr"))
    return (RailGroup("一码通", tuple(items), order=40),) if items else ()
