"""The entry in the staff rail."""

from collections.abc import Iterable

from django.urls import reverse

from yiwang.data.transform.contracts import VIEW
from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.design.contracts import RailGroup, RailItem


def entries(by: Actor) -> Iterable[RailGroup]:
    if not access.may_anywhere(by, VIEW):
        return ()
    return (RailGroup("数据", (RailItem("治理加工", reverse("desk-transform"), icon="link"),), order=63),)
