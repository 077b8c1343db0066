"""The entry in the staff rail for rules, beside the packs they stand in."""

from collections.abc import Iterable

from django.urls import reverse

from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.design.contracts import RailGroup, RailItem
from yiwang.kernel.rules import queries


def entries(by: Actor) -> Iterable[RailGroup]:
    if not access.may_anywhere(by, queries.TRY):
        return ()
    return (RailGroup("配置", (RailItem("规则试算", reverse("desk-rules"), icon="check"),), order=79),)
