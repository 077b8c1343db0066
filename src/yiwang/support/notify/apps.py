"""Wiring of support.notify."""

from django.apps import AppConfig


class NotifyConfig(AppConfig):
    name = "yiwang.support.notify"
    label = "notify"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare pack kinds, listen to cases, hear receipts of text messages, count what is unread in the header."""
        from yiwang.kernel.access.contracts import declare_permissions
        from yiwang.kernel.base.events import subscribe
        from yiwang.kernel.design.contracts import register_rail, register_unread
        from yiwang.kernel.packs.contracts import register
        from yiwang.support.connectors.contracts import register_consumer
        from yiwang.support.notify import _rail, _retention, kinds, listeners, queries

        register(kinds.TEMPLATE, kinds.MessageTemplate, check=kinds.check_template)
        register(kinds.CATEGORY, kinds.MessageCategory, check=kinds.check_category)
        register(kinds.AUDIENCE, kinds.Audience, check=kinds.check_audience)
        register(kinds.POLICY, kinds.MessagePolicy, check=kinds.check_policy)
        register_consumer("notify", "yiwang.support.notify.actions.note_receipt")
        declare_permissions(
            {
                "notify.view": "查看本单位消息的送达情况",
                "notify.resend": "重发没有送达的消息",
                "notify.compose": "拟群发消息",
                "notify.approve": "审批群发消息",
                "notify.subscribe": "订阅办件事件（系统账号）",
            }
        )
        subscribe("notify.campaign.running", "yiwang.support.notify.listeners.campaign_running", apart=True)
        _retention.register()
        register_unread(queries.unread_of)
        register_rail(_rail.entries)
        for name in listeners.OCCASIONS:
            subscribe(name, "yiwang.support.notify.listeners.case_happened", together=True)
