"""Wiring of data.places."""

from django.apps import AppConfig


class PlacesConfig(AppConfig):
    name = "yiwang.data.places"
    label = "places"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from yiwang.kernel.access.contracts import declare_permissions

        declare_permissions({"places.edit": "维护网格、网格员责任和标准地址"})
