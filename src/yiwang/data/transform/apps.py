"""Wiring of data.transform."""

from django.apps import AppConfig


class TransformConfig(AppConfig):
    name = "yiwang.data.transform"
    label = "transform"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from yiwang.data.transform import _rail
        from yiwang.data.transform.contracts import PERMISSIONS
        from yiwang.data.transform.kinds import register_kinds
        from yiwang.kernel.access.contracts import declare_permissions
        from yiwang.kernel.design.contracts import register_rail

        declare_permissions(PERMISSIONS)
        register_rail(_rail.entries)
        register_kinds()
