"""The entry of connected systems on the staff rail."""

from collections.abc import Iterator

from django.urls import reverse

from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.design.contracts import RailGroup, RailItem


def entries(by: Actor) -> Iterator[RailGroup]:
    """For those whose post may view them."""
    if access.may_anywhere(by, "oidc.view"):
        yield RailGroup("台账", (RailItem("登录接入系统", reverse("desk-clients"), icon="link"),), order=81)
