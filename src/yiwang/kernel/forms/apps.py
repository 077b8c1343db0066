"""Wiring of kernel.forms."""

from django.apps import AppConfig


class FormsConfig(AppConfig):
    name = "yiwang.kernel.forms"
    label = "forms"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from yiwang.kernel.forms import _account, _retention
        from yiwang.kernel.forms._asked import register_asking
        from yiwang.kernel.forms._asking import asked
        from yiwang.kernel.forms._check import check, examples_hold
        from yiwang.kernel.forms._manual import sheets
        from yiwang.kernel.forms.kinds import FORM, FormPack
        from yiwang.kernel.packs.contracts import register

        _account.register()
        _retention.register()
        register_asking(FORM, asked=asked)
        register(FORM, FormPack, check=check, examples=examples_hold, manual=sheets)
