"""Wiring of services.applications."""

from django.apps import AppConfig


class ApplicationsConfig(AppConfig):
    name = "yiwang.services.applications"
    label = "applications"
    append_only = ("Document",)

    def ready(self) -> None:
        from yiwang.kernel.cases.contracts import CaseKind, register_case_kind
        from yiwang.kernel.design.contracts import register_rail
        from yiwang.services.applications import _effects, _fees, _rail, _retention, _ways
        from yiwang.services.applications.contracts import KIND, PROMISE_CHECK
        from yiwang.services.applications.kinds import register_kinds
        from yiwang.services.matters.contracts import register_way_in
        from yiwang.support.payments.contracts import register_biller

        register_kinds()
        register_case_kind(CaseKind(KIND, "办件"))
        register_case_kind(CaseKind(PROMISE_CHECK, "承诺核查"))
        _effects.register()
        _retention.register()
        register_way_in(_ways.ways_in)
        register_biller(_fees.charges)
        register_rail(_rail.entries)
