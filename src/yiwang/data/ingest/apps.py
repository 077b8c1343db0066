"""Wiring of data.ingest."""

from django.apps import AppConfig


class IngestConfig(AppConfig):
    name = "yiwang.data.ingest"
    label = "ingest"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare the pack kind and the permissions."""
        from yiwang.data.ingest import _rail
        from yiwang.data.ingest.contracts import PERMISSIONS
        from yiwang.data.ingest.kinds import SOURCE, SourcePack, check
        from yiwang.kernel.access.contracts import declare_permissions
        from yiwang.kernel.base.events import subscribe
        from yiwang.kernel.design.contracts import register_rail
        from yiwang.kernel.packs.contracts import register

        register(SOURCE, SourcePack, check=check)
        declare_permissions(PERMISSIONS)
        register_rail(_rail.entries)
        subscribe("ingest.batch.released", "yiwang.data.ingest.listeners.batch_released", apart=True)
