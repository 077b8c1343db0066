"""Wiring of data.entities."""

from django.apps import AppConfig


class EntitiesConfig(AppConfig):
    name = "yiwang.data.entities"
    label = "entities"
    default_auto_field = "django.db.models.BigAutoField"
    append_only = ("Run", "Change")

    def ready(self) -> None:
        from yiwang.data.entities import _rail
        from yiwang.data.entities.contracts import PERMISSIONS
        from yiwang.data.entities.kinds import register_kinds
        from yiwang.kernel.access.contracts import declare_permissions
        from yiwang.kernel.design.contracts import register_rail

        declare_permissions(PERMISSIONS)
        register_kinds()
        register_rail(_rail.entries)
