"""The hotline's entries in the staff rail."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils import timezone

from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.design.contracts import RailGroup, RailItem
from yiwang.services.hotline import actions, queries


def entries(by: Actor) -> Iterable[RailGroup]:
    """Taking down and all tickets for operators, the duty leader's page, the rates for who handles or watches tickets."""
    takes, leads = access.may_anywhere(by, actions.TAKE), access.may_anywhere(by, queries.LEAD)
    items = []
    if takes:
        items.append(RailItem("受理", reverse("desk-hotline"), icon="phone"))
        items.append(RailItem("工单", reverse("desk-hotline-tickets"), icon="list"))
        items.append(RailItem("热点", reverse("desk-hotline-topics"), icon="star"))
        items.append(RailItem("月报", reverse("desk-hotline-report"), icon="list"))
    if leads:
        late = queries.overdue(by, at=timezone.now())
        items.append(RailItem("值班长", reverse("desk-hotline-lead"), late, "red", "warn"))
    if takes or any(post.post_type == UNIT for post in by.posts):
        items.append(RailItem("三率", reverse("desk-hotline-rates"), icon="star"))
    return (RailGroup("12345", tuple(items), order=20),) if items else ()


UNIT = "unit-clerk"
