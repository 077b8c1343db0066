"""Wiring of kernel.design."""

from django.apps import AppConfig


class DesignConfig(AppConfig):
    name = "yiwang.kernel.design"
    label = "design"
    default_auto_field = "django.db.models.BigAutoField"
