"""The entry in the staff rail."""

from collections.abc import Iterable

from django.urls import reverse

from yiwang.data.standards.contracts import VIEW
from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.design.contracts import RailGroup, RailItem


def entries(by: Actor) -> Iterable[RailGroup]:
    if not access.may_anywhere(by, VIEW):
        return ()
    return (RailGroup("数据", (RailItem("数据标准", reverse("desk-standards"), icon="list"),), order=61),)
