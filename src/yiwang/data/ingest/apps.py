"""Wiring of data.ingest."""

from django.apps import AppConfig


class IngestConfig(AppConfig):
    name = "yiwang.data.ingest"
    label = "ingest"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare the pack kind and the permissions."""
        from yiwang.data.ingest.kinds import SOURCE, SourcePack, check
        from yiwang.kernel.access.contracts import declare_permissions
        from yiwang.kernel.packs.contracts import register

        register(SOURCE, SourcePack, check=check)
        declare_permissions({"ingest.run": "汇聚数据、处理列的变化", "ingest.view": "查看汇聚批次和隔离的数据"})
