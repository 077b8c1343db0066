"""Wiring of kernel.orgs."""

from django.apps import AppConfig


class OrgsConfig(AppConfig):
    name = "yiwang.kernel.orgs"
    label = "orgs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from yiwang.kernel.orgs.kinds import register_kinds

        register_kinds()
