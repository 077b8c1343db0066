"""Wiring of data.quality."""

from django.apps import AppConfig


class QualityConfig(AppConfig):
    name = "yiwang.data.quality"
    label = "quality"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from yiwang.data.quality.contracts import PERMISSIONS
        from yiwang.data.quality.kinds import register_kinds
        from yiwang.kernel.access.contracts import declare_permissions

        declare_permissions(PERMISSIONS)
        register_kinds()
