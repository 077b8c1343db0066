"""Wiring of kernel.people."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "yiwang.kernel.people"
    label = "people"
    default_auto_field = "django.db.models.BigAutoField"
