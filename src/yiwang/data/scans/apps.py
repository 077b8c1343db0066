"""Wiring of data.scans."""

from django.apps import AppConfig


class ScansConfig(AppConfig):
    name = "yiwang.data.scans"
    label = "scans"
    default_auto_field = "django.db.models.BigAutoField"
    append_only = ("Deed",)

    def ready(self) -> None:
        from yiwang.data.scans import _rail, _retention
        from yiwang.data.scans.contracts import PERMISSIONS
        from yiwang.data.scans.kinds import SCAN_FORM, ScanFormPack, check, examples_hold
        from yiwang.kernel.access.contracts import declare_permissions
        from yiwang.kernel.base.events import subscribe
        from yiwang.kernel.design.contracts import register_rail
        from yiwang.kernel.packs.contracts import register

        register(SCAN_FORM, ScanFormPack, check=check, examples=examples_hold)
        declare_permissions(PERMISSIONS)
        register_rail(_rail.entries)
        _retention.register()
        subscribe("scans.pages.ready", "yiwang.data.scans.listeners.pages_ready", apart=True)
