"""Wiring of services.journeys."""

from django.apps import AppConfig


class JourneysConfig(AppConfig):
    name = "yiwang.services.journeys"
    label = "journeys"

    def ready(self) -> None:
        from yiwang.kernel.cases.contracts import CaseKind, register_case_kind
        from yiwang.services.applications.contracts import register_receipt
        from yiwang.services.journeys import _engine, _filed, _ways, kinds
        from yiwang.services.journeys.contracts import KIND
        from yiwang.services.matters.contracts import register_way_in

        kinds.register_kinds()
        register_case_kind(CaseKind(KIND, "一件事"))
        _engine.register()
        register_way_in(_ways.ways_in)
        register_receipt(KIND, _filed.receipt)
