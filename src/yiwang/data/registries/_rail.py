"""The entry in the staff rail."""

from collections.abc import Iterable

from django.urls import reverse

from yiwang.data.registries.contracts import OPEN, VIEW
from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.design.contracts import RailGroup, RailItem


def entries(by: Actor) -> Iterable[RailGroup]:
    if not (access.may_anywhere(by, VIEW) or access.may_anywhere(by, OPEN)):
        return ()
    return (RailGroup("数据", (RailItem("基础库", reverse("desk-registries"), icon="list"),), order=65),)
