"""The rail of the desk: what waits, by how it waits."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils import timezone

from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import Box
from yiwang.kernel.design.contracts import RailGroup, RailItem, Tone
from yiwang.services.applications import queries as applications
from yiwang.services.applications.contracts import PROMISE_CHECK

TITLES: dict[Box, tuple[str, Tone, str]] = {
    Box.TODO: ("待办", "brand", "inbox"),
    Box.UNSIGNED: ("待签收", "plain", "edit"),
    Box.DUE: ("将到期", "amber", "clock"),
    Box.OVERDUE: ("超期", "red", "warn"),
    Box.UNIT: ("本单位在办", "plain", "people"),
    Box.WAITING: ("等别人", "plain", "pause"),
    Box.DONE: ("我办过的", "plain", "check"),
}


def boxes(by: Actor) -> Iterable[RailGroup]:
    """One entry a box; only for who handles or watches cases."""
    if not access.may_anywhere(by, "cases.view"):
        return ()
    counts = cases.counts(by, at=timezone.now())
    items = tuple(
        RailItem(title, f"{reverse('desk')}?box={box.value}", counts.get(box.value), tone, icon)
        for box, (title, tone, icon) in TITLES.items()
    )
    checks = f"{reverse('desk')}?box={Box.UNIT.value}&kind={PROMISE_CHECK}"
    promises = RailItem("承诺核查", checks, applications.count_promises(by), "plain", "check")
    return (RailGroup("办件", (*items, promises), order=10),)


def packs(by: Actor) -> Iterable[RailGroup]:
    """What is in force and how it came, for who writes or runs packs."""
    if not access.may_anywhere(by, "packs.view"):
        return ()
    items = (
        RailItem("配置包", reverse("desk-packs"), icon="file"),
        RailItem("填报项来源", reverse("desk-packs-asked"), icon="list"),
    )
    return (RailGroup("配置", items, order=80),)
