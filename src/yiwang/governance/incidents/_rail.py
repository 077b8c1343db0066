"""The entries in the staff rail: the map for who looks on, the report page for who walks."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils import timezone

from yiwang.governance.incidents import queries
from yiwang.governance.incidents.contracts import REPORT, VIEW
from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.design.contracts import RailGroup, RailItem


def entries(by: Actor) -> Iterable[RailGroup]:
    items = []
    if access.may_anywhere(by, REPORT):
        items.append(RailItem("上报", reverse("grid-report"), icon="camera"))
    if access.may_anywhere(by, VIEW):
        count = queries.counts(by, at=timezone.now())["open"]
        items.append(RailItem("事件地图", reverse("desk-incidents"), count, icon="pin"))
    return (RailGroup("网格", tuple(items), order=20),) if items else ()
