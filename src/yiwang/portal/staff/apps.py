"""Wiring of portal.staff."""

from django.apps import AppConfig


class StaffConfig(AppConfig):
    name = "yiwang.portal.staff"
    label = "staff"

    def ready(self) -> None:
        from yiwang.kernel.access.contracts import declare_permissions
        from yiwang.kernel.design.contracts import register_rail
        from yiwang.portal.staff._rail import boxes, packs

        declare_permissions({"packs.view": "查看配置包"})
        register_rail(boxes)
        register_rail(packs)
