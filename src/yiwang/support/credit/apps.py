"""Wiring of support.credit."""

from django.apps import AppConfig


class CreditConfig(AppConfig):
    name = "yiwang.support.credit"
    label = "credit"
    default_auto_field = "django.db.models.BigAutoField"
    append_only = ("CreditCheck",)

    def ready(self) -> None:
        """Declare kinds, permissions, cases and their effects."""
        from yiwang.kernel.access.contracts import declare_permissions
        from yiwang.kernel.base.events import subscribe
        from yiwang.kernel.cases.contracts import CaseKind, register_case_kind, register_effect
        from yiwang.kernel.design.contracts import register_rail
        from yiwang.kernel.packs.contracts import register
        from yiwang.support.credit import _rail, _requests, kinds
        from yiwang.support.credit.contracts import CHANGED, CHECK, OBJECTION_KIND, RECORD, REPAIR_KIND

        register(kinds.CREDIT_POLICY, kinds.CreditPolicyPack, check=kinds.check_policy)
        register(kinds.CREDIT_MEASURE, kinds.CreditMeasurePack, check=kinds.check_measure)
        declare_permissions({CHECK: "按用途核查企业信用", RECORD: "报送公共信用记录"})
        register_case_kind(CaseKind(OBJECTION_KIND, "信用异议"))
        register_case_kind(CaseKind(REPAIR_KIND, "信用修复"))
        register_effect("credit.withdraw", _requests.withdraw)
        register_effect("credit.repair", _requests.repair)
        register_effect("credit.keep", _requests.keep)
        subscribe("cases.case.closed", "yiwang.support.credit.listeners.case_closed")
        subscribe(CHANGED, "yiwang.support.credit.listeners.records_changed")
        register_rail(_rail.entries)
