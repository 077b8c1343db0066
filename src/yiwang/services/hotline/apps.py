"""Wiring of services.hotline."""

from django.apps import AppConfig


class HotlineConfig(AppConfig):
    name = "yiwang.services.hotline"
    label = "hotline"
    default_auto_field = "django.db.models.BigAutoField"
    append_only = ("Call",)

    def ready(self) -> None:
        from yiwang.kernel.access.contracts import declare_permissions
        from yiwang.kernel.base.events import subscribe
        from yiwang.kernel.cases.contracts import CaseKind, register_case_kind
        from yiwang.kernel.design.contracts import register_rail
        from yiwang.services.hotline import _effects, _handed, _learning, _rail, _retention, _rolls
        from yiwang.services.hotline.contracts import HELP, KIND, register_suggester
        from yiwang.services.hotline.kinds import register_kinds

        register_kinds()
        register_suggester(_learning.suggester)
        subscribe("hotline.tickets.taken", "yiwang.services.hotline.listeners.tickets_taken")
        subscribe("cases.case.closed", "yiwang.services.hotline.listeners.case_closed")
        register_case_kind(CaseKind(KIND, "热线工单", "desk-case"))
        register_case_kind(CaseKind(HELP, "热线协办", "desk-case"))
        _effects.register()
        _handed.register()
        _retention.register()
        _rolls.register()
        register_rail(_rail.entries)
        declare_permissions(
            {
                "hotline.take": "受理热线诉求",
                "hotline.call": "回访来电人",
                "hotline.lead": "裁定派单、审批延期挂账、决定甄别",
                "hotline.informant": "查看举报人身份",
            }
        )
