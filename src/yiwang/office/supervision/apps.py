"""Wiring of office.supervision."""

from django.apps import AppConfig


class SupervisionConfig(AppConfig):
    name = "yiwang.office.supervision"
    label = "supervision"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from yiwang.kernel.base.events import subscribe
        from yiwang.kernel.cases.contracts import CaseKind, register_case_kind
        from yiwang.kernel.design.contracts import register_rail
        from yiwang.office.supervision import _effects, _matters, _rail
        from yiwang.office.supervision.contracts import KIND, MATTER
        from yiwang.office.supervision.kinds import register_kinds

        register_kinds()
        register_case_kind(CaseKind(KIND, "监察牌"))
        register_case_kind(CaseKind(MATTER, "督办件"))
        _effects.register()
        _matters.register()
        register_rail(_rail.entries)
        for event in ("overdue", "urged", "closed"):
            subscribe(f"cases.case.{event}", f"yiwang.office.supervision.listeners.{event}")
