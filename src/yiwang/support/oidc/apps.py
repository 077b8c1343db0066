"""Wiring of support.oidc."""

from django.apps import AppConfig


class OidcConfig(AppConfig):
    name = "yiwang.support.oidc"
    label = "oidc"
    default_auto_field = "django.db.models.BigAutoField"
    append_only = ("ClientEvent",)

    def ready(self) -> None:
        from yiwang.kernel.access.contracts import declare_permissions
        from yiwang.kernel.base import events
        from yiwang.kernel.design.contracts import register_rail
        from yiwang.kernel.packs.contracts import register
        from yiwang.support.login.contracts import SITTINGS_ENDED, register_bearer
        from yiwang.support.oidc import _rail, kinds, queries

        register(kinds.SCOPE, kinds.Scope, check=kinds.check)
        register_rail(_rail.entries)
        register_bearer(queries.machine_of)
        events.subscribe(SITTINGS_ENDED, "yiwang.support.oidc.listeners.end_visits")
        declare_permissions(
            {
                "oidc.view": "查看接入统一身份认证的系统",
                "oidc.register": "登记、停用接入统一身份认证的系统",
                "oidc.confirm": "复核系统接入",
            }
        )
