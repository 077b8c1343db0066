"""Wiring of data.engine."""

from django.apps import AppConfig


class EngineConfig(AppConfig):
    name = "yiwang.data.engine"
    label = "engine"
    default_auto_field = "django.db.models.BigAutoField"
    append_only = ("Snapshot",)

    def ready(self) -> None:
        from yiwang.kernel.access.contracts import declare_permissions

        declare_permissions({"lake.query": "查询数据湖的全部表（不脱敏，留痕）"})
