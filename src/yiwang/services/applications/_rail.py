"""The entry in the staff rail for whoever fills forms by a code at a counter."""

from collections.abc import Iterable

from django.urls import reverse

from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.design.contracts import RailGroup, RailItem
from yiwang.support.codes import queries as codes


def entries(by: Actor) -> Iterable[RailGroup]:
    if not any(each.fills for each in codes.scenes_for(by)):
        return ()
    return (RailGroup("一码通", (RailItem("亮码办事", reverse("desk-counter"), icon="qr"),), order=40),)
