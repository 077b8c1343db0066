"""Wiring of services.verdicts."""

from django.apps import AppConfig


class VerdictsConfig(AppConfig):
    name = "yiwang.services.verdicts"
    label = "verdicts"
    default_auto_field = "django.db.models.BigAutoField"
    append_only = ("Verdict", "Act", "Draw")

    def ready(self) -> None:
        from yiwang.kernel.base.events import subscribe
        from yiwang.kernel.cases.contracts import CaseKind, register_case_kind
        from yiwang.kernel.design.contracts import register_rail
        from yiwang.services.verdicts import _effects, _rail, _retention
        from yiwang.services.verdicts.contracts import SPOT_CHECK
        from yiwang.services.verdicts.kinds import register_kinds

        register_kinds()
        register_case_kind(CaseKind(SPOT_CHECK, "办后抽查"))
        _effects.register()
        _retention.register()
        register_rail(_rail.entries)
        for event in ("opened", "advanced", "reopened", "corrected"):
            subscribe(f"cases.case.{event}", "yiwang.services.verdicts.listeners.case_moved", together=True)
