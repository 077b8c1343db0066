"""Wiring of support.connectors."""

from django.apps import AppConfig


class ConnectorsConfig(AppConfig):
    name = "yiwang.support.connectors"
    label = "connectors"
    default_auto_field = "django.db.models.BigAutoField"
    append_only = ("Report",)

    def ready(self) -> None:
        """Declare the pack kind, the permissions and the rail entry; serve the steps of cases that run outside."""
        from yiwang.kernel.access.contracts import declare_permissions
        from yiwang.kernel.base.events import subscribe
        from yiwang.kernel.cases.contracts import ANY_SYSTEM, register_outside
        from yiwang.kernel.design.contracts import register_rail
        from yiwang.kernel.packs.contracts import register
        from yiwang.support.connectors import _cases, _permits, _rail
        from yiwang.support.connectors.contracts import register_consumer
        from yiwang.support.connectors.kinds import OUTSIDE_SYSTEM, OutsideSystem, check

        register(OUTSIDE_SYSTEM, OutsideSystem, check=check)
        declare_permissions({_permits.VIEW: "查看外部系统对接", _permits.SETTLE: "处理外部系统对账差异"})
        register_outside(ANY_SYSTEM, _cases.CaseAdapter())
        register_consumer(
            _cases.CONSUMER, "yiwang.support.connectors.listeners.hear", wanted="yiwang.kernel.cases.queries.is_asked"
        )
        subscribe("connectors.line.down", "yiwang.support.connectors.listeners.say_line_is_down")
        register_rail(_rail.entries)
