"""Wiring of kernel.packs."""

from django.apps import AppConfig


class PacksConfig(AppConfig):
    name = "yiwang.kernel.packs"
    label = "packs"
    default_auto_field = "django.db.models.BigAutoField"
    append_only = ("PackItem", "PackRelease", "PackReleaseItem")

    def ready(self) -> None:
        from yiwang.kernel.packs.contracts import register
        from yiwang.kernel.packs.kinds import PLACE, PlacePack

        register(PLACE, PlacePack)
