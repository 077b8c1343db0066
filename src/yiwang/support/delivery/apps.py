"""Wiring of support.delivery."""

from django.apps import AppConfig


class DeliveryConfig(AppConfig):
    name = "yiwang.support.delivery"
    label = "delivery"
    default_auto_field = "django.db.models.BigAutoField"
    append_only = ("Status",)

    def ready(self) -> None:
        """Hear the carrier, tell what concerns the applicant, and show lost parcels in the rail."""
        from yiwang.kernel.base.events import subscribe
        from yiwang.kernel.design.contracts import register_rail
        from yiwang.support.connectors.contracts import register_consumer
        from yiwang.support.delivery import _rail

        register_consumer("delivery", "yiwang.support.delivery.actions.report")
        register_rail(_rail.entries)
        for state in ("picked-up", "signed", "lost"):
            subscribe(f"delivery.order.{state}", "yiwang.support.delivery.listeners.tell")
