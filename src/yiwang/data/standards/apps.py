"""Wiring of data.standards."""

from django.apps import AppConfig


class StandardsConfig(AppConfig):
    name = "yiwang.data.standards"
    label = "standards"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from yiwang.data.standards import _rail
        from yiwang.data.standards.contracts import PERMISSIONS
        from yiwang.kernel.access.contracts import declare_permissions
        from yiwang.kernel.base.events import subscribe
        from yiwang.kernel.design.contracts import register_rail

        declare_permissions(PERMISSIONS)
        register_rail(_rail.entries)
        subscribe("packs.release.loaded", "yiwang.data.standards.listeners.packs_loaded")
