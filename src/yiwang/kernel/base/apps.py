"""Wiring of kernel.base."""

from django.apps import AppConfig


class BaseConfig(AppConfig):
    name = "yiwang.kernel.base"
    label = "base"
    default_auto_field = "django.db.models.BigAutoField"
