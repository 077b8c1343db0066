"""Wiring of data.quality."""

from django.apps import AppConfig


class QualityConfig(AppConfig):
    name = "yiwang.data.quality"
    label = "quality"
    default_auto_field = "django.db.models.BigAutoField"
    append_only = ("Report", "Finding")

    def ready(self) -> None:
        from yiwang.data.quality import _effects, _rail
        from yiwang.data.quality.contracts import KIND, OBJECTION_KIND, PERMISSIONS
        from yiwang.data.quality.kinds import register_kinds
        from yiwang.kernel.access.contracts import declare_permissions
        from yiwang.kernel.base.events import subscribe
        from yiwang.kernel.cases.contracts import CaseKind, register_case_kind
        from yiwang.kernel.design.contracts import register_rail

        declare_permissions(PERMISSIONS)
        register_kinds()
        register_case_kind(CaseKind(KIND, "问题数据"))
        register_case_kind(CaseKind(OBJECTION_KIND, "数据异议"))
        _effects.register()
        register_rail(_rail.entries)
        subscribe("forms.objection.raised", "yiwang.data.quality.listeners.objection_raised")
