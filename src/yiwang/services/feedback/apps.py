"""Wiring of services.feedback."""

from django.apps import AppConfig


class FeedbackConfig(AppConfig):
    name = "yiwang.services.feedback"
    label = "feedback"

    def ready(self) -> None:
        from yiwang.kernel.base.events import subscribe
        from yiwang.kernel.cases.contracts import CaseKind, register_case_kind
        from yiwang.kernel.design.contracts import register_rail
        from yiwang.services.feedback import _effects, _rail
        from yiwang.services.feedback.contracts import KIND
        from yiwang.services.feedback.kinds import register_kinds

        register_kinds()
        register_case_kind(CaseKind(KIND, "差评整改"))
        _effects.register()
        register_rail(_rail.entries)
        subscribe("cases.case.closed", "yiwang.services.feedback.listeners.case_closed", together=True)
