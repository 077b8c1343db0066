"""Wiring of kernel.ledger."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "yiwang.kernel.ledger"
    label = "ledger"
    default_auto_field = "django.db.models.BigAutoField"
    append_only = ("Leaf", "Erasure", "Entry", "Node", "Checkpoint", "Anchoring")
