"""Wiring of support.payments."""

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "yiwang.support.payments"
    label = "payments"
    default_auto_field = "django.db.models.BigAutoField"
    append_only = ("Heard", "Receipt", "Reconciliation")

    def ready(self) -> None:
        """Declare kinds and permissions; serve the steps of cases that wait for money."""
        from yiwang.kernel.access.contracts import declare_permissions
        from yiwang.kernel.base.events import subscribe
        from yiwang.kernel.cases.contracts import CaseKind, register_case_kind, register_effect, register_outside
        from yiwang.kernel.design.contracts import register_rail
        from yiwang.kernel.packs.contracts import register
        from yiwang.support.payments import _cases, _differences, _rail, kinds
        from yiwang.support.payments.contracts import DIFFERENCE_KIND, RECONCILE, REFUND, SYSTEM_NAME, VIEW

        register(kinds.FEE_ITEM, kinds.FeeItemPack, check=kinds.check_item, examples=kinds.examples_hold)
        register(kinds.PAYMENT_CHANNEL, kinds.PaymentChannelPack, check=kinds.check_channel)
        register(kinds.PAYMENT_POLICY, kinds.PaymentPolicyPack, check=kinds.check_policy)
        declare_permissions({VIEW: "查看收费和缴费单", REFUND: "退费", RECONCILE: "对账并处理差异"})
        register_case_kind(CaseKind(DIFFERENCE_KIND, "对账差异"))
        register_effect("payments.settle_difference", _differences.settle)
        register_outside(SYSTEM_NAME, _cases.CaseAdapter())
        listeners = "yiwang.support.payments.listeners"
        register_rail(_rail.entries)
        subscribe("payments.order.paid", f"{listeners}.order_paid")
        subscribe("payments.order.opened", f"{listeners}.order_opened")
        subscribe("cases.case.closed", f"{listeners}.case_closed", together=True)
