"""The seals' entries on the staff rail."""

from collections.abc import Iterator

from django.urls import reverse

from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.design.contracts import RailGroup, RailItem


def entries(by: Actor) -> Iterator[RailGroup]:
    """For those whose post may view seals."""
    if access.may_anywhere(by, "seals.view"):
        yield RailGroup("台账", (RailItem("印章台账", reverse("desk-seals"), icon="seal"),), order=81)
