"""Wiring of support.login."""

from django.apps import AppConfig


class LoginConfig(AppConfig):
    name = "yiwang.support.login"
    label = "login"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare permissions, and put the desk pages into the rail."""
        from yiwang.kernel.access.contracts import declare_permissions
        from yiwang.kernel.design.contracts import register_rail
        from yiwang.kernel.packs.contracts import register
        from yiwang.support.login import _rail, kinds

        register(kinds.COUNTER_CHECK, kinds.CounterCheckPolicy, check=kinds.check)
        register_rail(_rail.entries)

        declare_permissions(
            {
                "login.check-identity": "窗口核验本人，升高其通行密钥的等级",
                "login.record-mandate": "登记帮办代办和企业经办授权",
                "login.reset-second-factor": "为本单位人员重置动态口令",
            }
        )
