"""The entry in the staff rail for whoever checks credit."""

from collections.abc import Iterable

from django.urls import reverse

from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.design.contracts import RailGroup, RailItem
from yiwang.support.credit.contracts import CHECK


def entries(by: Actor) -> Iterable[RailGroup]:
    if not access.may_anywhere(by, CHECK):
        return ()
    return (RailGroup("信用", (RailItem("信用核查", reverse("desk-credit"), icon="shield"),), order=77),)
