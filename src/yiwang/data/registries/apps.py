"""Wiring of data.registries."""

from django.apps import AppConfig


class RegistriesConfig(AppConfig):
    name = "yiwang.data.registries"
    label = "registries"
    default_auto_field = "django.db.models.BigAutoField"
    append_only = ("Past",)

    def ready(self) -> None:
        from yiwang.data.registries import _effects, _facts, _rail, kinds
        from yiwang.data.registries.contracts import PERMISSIONS
        from yiwang.kernel.access.contracts import declare_permissions
        from yiwang.kernel.base.events import subscribe
        from yiwang.kernel.cases.contracts import CaseKind, register_case_kind
        from yiwang.kernel.design.contracts import register_rail

        declare_permissions(PERMISSIONS)
        kinds.register_kinds()
        register_rail(_rail.entries)
        _facts.register()
        _effects.register()
        register_case_kind(CaseKind("objection", "登记异议"))
        subscribe("forms.objection.raised", "yiwang.data.registries.listeners.objection_raised")
        subscribe("places.addresses.saved", "yiwang.data.registries.listeners.addresses_saved", apart=True)
        subscribe("places.grids.saved", "yiwang.data.registries.listeners.grids_saved", apart=True)
