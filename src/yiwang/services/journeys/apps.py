"""Wiring of services.journeys."""

from django.apps import AppConfig


class JourneysConfig(AppConfig):
    name = "yiwang.services.journeys"
    label = "journeys"

    def ready(self) -> None:
        from yiwang.kernel.cases.contracts import CaseKind, register_case_kind
        from yiwang.services.journeys import _engine, kinds
        from yiwang.services.journeys.contracts import KIND

        kinds.register_kinds()
        register_case_kind(CaseKind(KIND, "一件事"))
        _engine.register()
