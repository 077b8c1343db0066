"""The register's entry on the staff rail."""

from collections.abc import Iterator

from django.urls import reverse

from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.design.contracts import RailGroup, RailItem


def entries(by: Actor) -> Iterator[RailGroup]:
    """For those whose post may view licences."""
    if access.may_anywhere(by, "licences.ask"):
        yield RailGroup("台账", (RailItem("调用证照", reverse("desk-licence-copies"), icon="card"),), order=81)
    if access.may_anywhere(by, "licences.issue"):
        yield RailGroup("台账", (RailItem("批量签发", reverse("desk-licence-batches"), icon="upload"),), order=82)
    if access.may_anywhere(by, "licences.view"):
        yield RailGroup("台账", (RailItem("证照台账", reverse("desk-licences"), icon="card"),), order=80)
