"""The desk's rail: posts and authorities, for those who hold a post."""

from django.urls import reverse

from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor, ActorKind
from yiwang.kernel.design.contracts import RailGroup, RailItem


def entries(by: Actor) -> list[RailGroup]:
    if by.kind is not ActorKind.STAFF:
        return []
    items = [RailItem("AB岗", reverse("desk-handover"), icon="people")] if by.posts else []
    if access.may_anywhere(by, "login.record-mandate"):
        items.append(RailItem("登记授权", reverse("desk-mandate"), icon="seal"))
    if access.may_anywhere(by, "login.check-identity"):
        items.append(RailItem("实名核验", reverse("desk-counter-check"), icon="person"))
    return [RailGroup("本单位", (*items, RailItem("我的账号", reverse("account"), icon="person")), order=90)]
