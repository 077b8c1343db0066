"""Wiring of support.codes."""

from django.apps import AppConfig


class CodesConfig(AppConfig):
    name = "yiwang.support.codes"
    label = "codes"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare kinds, permissions, what is kept and the rail."""
        from yiwang.kernel.access.contracts import declare_permissions
        from yiwang.kernel.design.contracts import register_rail
        from yiwang.kernel.packs.contracts import register
        from yiwang.support.codes import _rail, _retention, kinds
        from yiwang.support.codes.contracts import PLATES, SCAN

        register(kinds.SCENE, kinds.ScenePack, check=kinds.check_scene)
        register(kinds.CODE_POLICY, kinds.CodePolicyPack, check=kinds.check_policy)
        declare_permissions({SCAN: "在场景中扫一码通的码", PLATES: "制作门牌码"})
        register_rail(_rail.entries)
        _retention.register()
