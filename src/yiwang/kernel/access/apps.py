"""Wiring of kernel.access."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "yiwang.kernel.access"
    label = "access"

    def ready(self) -> None:
        """Declare the pack kind of post types and the permissions of this app."""
        from yiwang.kernel.access import kinds
        from yiwang.kernel.access.contracts import declare_permissions

        kinds.register_kinds()
        declare_permissions(
            {
                "board.view": "查看运行看板",
                "people.appoint": "任免本单位及下级的岗位人员",
                "people.record-absence": "登记请假和启用AB岗",
            }
        )
