"""The entry in the staff rail for ratings, with how many bad ones wait for an answer."""

from collections.abc import Iterable

from django.urls import reverse

from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.design.contracts import RailGroup, RailItem
from yiwang.services.feedback import queries


def entries(by: Actor) -> Iterable[RailGroup]:
    if not access.may_anywhere(by, queries.SEE):
        return ()
    count = queries.count_unanswered(by)
    return (RailGroup("好差评", (RailItem("群众评价", reverse("desk-ratings"), count, "red", "star"),), order=60),)
