"""The entry in the staff rail for those who may see the board."""

from collections.abc import Iterable

from django.urls import reverse

from yiwang.command.boards.queries import SEE
from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.design.contracts import RailGroup, RailItem


def entries(by: Actor) -> Iterable[RailGroup]:
    if not access.may_anywhere(by, SEE):
        return ()
    return (RailGroup("运行", (RailItem("看板", reverse("board"), icon="grid"),), order=5),)
