"""Wiring of support.connectors."""

from django.apps import AppConfig


class ConnectorsConfig(AppConfig):
    name = "yiwang.support.connectors"
    label = "connectors"
    default_auto_field = "django.db.models.BigAutoField"
    append_only = ("Report",)

    def ready(self) -> None:
        """Declare the pack kind, the permissions and the rail entry."""
        from yiwang.kernel.access.contracts import declare_permissions
        from yiwang.kernel.design.contracts import register_rail
        from yiwang.kernel.packs.contracts import register
        from yiwang.support.connectors import _permits, _rail
        from yiwang.support.connectors.kinds import OUTSIDE_SYSTEM, OutsideSystem, check

        register(OUTSIDE_SYSTEM, OutsideSystem, check=check)
        declare_permissions({_permits.VIEW: "查看外部系统对接", _permits.SETTLE: "处理外部系统对账差异"})
        register_rail(_rail.entries)
