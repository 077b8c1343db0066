"""Wiring of services.matters."""

from typing import TYPE_CHECKING, ClassVar

from django.apps import AppConfig

if TYPE_CHECKING:
    from yiwang.kernel.base.contracts import Actor
    from yiwang.kernel.design.contracts import RailGroup


class MattersConfig(AppConfig):
    name = "yiwang.services.matters"
    label = "matters"
    append_only: ClassVar = ("ImportRun", "ImportProblem")

    def ready(self) -> None:
        from yiwang.kernel.access.contracts import declare_permissions
        from yiwang.kernel.base.events import subscribe
        from yiwang.kernel.design.contracts import NavItem, register_nav, register_rail
        from yiwang.services.matters import kinds

        kinds.register_kinds()
        declare_permissions({"matters.edit": "维护实施清单"})
        subscribe("packs.release.loaded", "yiwang.services.matters.listeners.packs_loaded", apart=True)
        subscribe("orgs.organisations.created", "yiwang.services.matters.listeners.organisations_created", apart=True)
        register_nav(NavItem("办事事项", "matters", 20))
        register_rail(_rail)


def _rail(by: "Actor") -> "list[RailGroup]":
    """实施清单 in the desk's rail, for those who keep them."""
    from django.urls import reverse

    from yiwang.kernel.access import queries as access
    from yiwang.kernel.design.contracts import RailGroup, RailItem

    if not access.may_anywhere(by, "matters.edit"):
        return []
    return [RailGroup("配置", (RailItem("实施清单", reverse("matters-desk"), icon="list"),), order=78)]
