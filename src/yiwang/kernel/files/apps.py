"""Wiring of kernel.files."""

from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "yiwang.kernel.files"
    label = "files"
    default_auto_field = "django.db.models.BigAutoField"
