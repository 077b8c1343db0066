"""Wiring of data.registries."""

from django.apps import AppConfig


class RegistriesConfig(AppConfig):
    name = "yiwang.data.registries"
    label = "registries"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from yiwang.data.registries import _effects, _facts

        _facts.register()
        _effects.register()
