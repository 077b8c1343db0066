"""Wiring of portal.staff."""

from django.apps import AppConfig


class StaffConfig(AppConfig):
    name = "yiwang.portal.staff"
    label = "staff"

    def ready(self) -> None:
        from yiwang.kernel.design.contracts import register_rail
        from yiwang.portal.staff._rail import boxes

        register_rail(boxes)
