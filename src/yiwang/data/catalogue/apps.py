"""Wiring of data.catalogue."""

from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    name = "yiwang.data.catalogue"
    label = "catalogue"
    default_auto_field = "django.db.models.BigAutoField"
    append_only = ("Revision",)

    def ready(self) -> None:
        from yiwang.data.catalogue import _effects, _rail, _standing, kinds
        from yiwang.data.catalogue.contracts import PERMISSIONS
        from yiwang.kernel.access.contracts import declare_permissions
        from yiwang.kernel.base.events import subscribe
        from yiwang.kernel.design.contracts import register_rail

        declare_permissions(PERMISSIONS)
        kinds.register_kinds()
        _effects.register()
        _standing.register()
        register_rail(_rail.entries)
        subscribe("packs.release.loaded", "yiwang.data.catalogue.listeners.packs_loaded")
        subscribe("orgs.organisations.created", "yiwang.data.catalogue.listeners.organisations_created")
