"""Wiring of kernel.audit."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "yiwang.kernel.audit"
    label = "audit"
    default_auto_field = "django.db.models.BigAutoField"
    append_only = ("AuditRecord", "Disclosure")
