"""Wiring of kernel.cases."""

from typing import ClassVar

from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "yiwang.kernel.cases"
    label = "cases"
    default_auto_field = "django.db.models.BigAutoField"
    append_only: ClassVar = ("CaseEvent", "ClockExtension", "Correction", "OutsideMessage", "Redating", "Urge")

    def ready(self) -> None:
        from yiwang.kernel.access.contracts import declare_permissions
        from yiwang.kernel.base.events import subscribe
        from yiwang.kernel.cases import _retention
        from yiwang.kernel.cases._engine import forget, keep
        from yiwang.kernel.cases._manual import sheets
        from yiwang.kernel.cases._references import check, examples
        from yiwang.kernel.cases._rights import PERMISSIONS
        from yiwang.kernel.cases.contracts import register_effect
        from yiwang.kernel.cases.kinds import FLOW, FlowPack
        from yiwang.kernel.packs.contracts import register

        _retention.register()
        declare_permissions(PERMISSIONS)
        register_effect("cases.keep", keep, undo=forget)
        register(FLOW, FlowPack, check=check, examples=examples, manual=sheets)
        subscribe("cases.outside.opened", "yiwang.kernel.cases.listeners.push", apart=True)
        subscribe("workdays.calendar.changed", "yiwang.kernel.cases.listeners.redate", apart=True)
