"""Wiring of kernel.design."""

from django.apps import AppConfig


class DesignConfig(AppConfig):
    name = "yiwang.kernel.design"
    label = "design"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from yiwang.kernel.design.kinds import PORTAL, PortalPack
        from yiwang.kernel.packs.contracts import register

        register(PORTAL, PortalPack)
