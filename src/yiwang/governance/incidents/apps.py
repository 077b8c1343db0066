"""Wiring of governance.incidents."""

from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    name = "yiwang.governance.incidents"
    label = "incidents"
    default_auto_field = "django.db.models.BigAutoField"
    append_only = ("Arrival",)

    def ready(self) -> None:
        from yiwang.governance.incidents import _effects, _plans, _rail
        from yiwang.governance.incidents.contracts import KIND, PERMISSIONS
        from yiwang.governance.incidents.kinds import register_kinds
        from yiwang.kernel.access.contracts import declare_permissions
        from yiwang.kernel.cases.contracts import CaseKind, register_case_kind
        from yiwang.kernel.design.contracts import register_rail

        declare_permissions(PERMISSIONS)
        register_kinds()
        register_case_kind(CaseKind(KIND, "网格事件"))
        _effects.register()
        _plans.register()
        register_rail(_rail.entries)
