"""Wiring of kernel.retention."""

from django.apps import AppConfig


class RetentionConfig(AppConfig):
    name = "yiwang.kernel.retention"
    label = "retention"
    default_auto_field = "django.db.models.BigAutoField"
    append_only = ("Erased",)

    def ready(self) -> None:
        from yiwang.kernel.packs.contracts import register
        from yiwang.kernel.retention.kinds import POLICY, RetentionPolicyPack, one_policy_a_store

        register(POLICY, RetentionPolicyPack, check=one_policy_a_store)
