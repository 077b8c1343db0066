"""Wiring of support.seals."""

from django.apps import AppConfig


class SealsConfig(AppConfig):
    name = "yiwang.support.seals"
    label = "seals"
    default_auto_field = "django.db.models.BigAutoField"
    append_only = ("RevocationList", "SealEvent", "SealUse")

    def ready(self) -> None:
        from yiwang.kernel.access.contracts import declare_permissions
        from yiwang.kernel.design.contracts import register_rail
        from yiwang.kernel.packs.contracts import register
        from yiwang.support.seals import _rail, kinds

        register(kinds.SEAL_POLICY, kinds.SealPolicy, check=kinds.check)
        register_rail(_rail.entries)
        declare_permissions(
            {
                "seals.view": "查看印章和证书",
                "seals.make": "制作、停用、恢复、销毁印章",
                "seals.confirm": "复核印章的制作、恢复和销毁",
                "seals.use": "使用印章",
                "seals.certify": "签发、吊销证书",
            }
        )
