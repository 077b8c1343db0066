"""Who may look at the lines and settle what they left over: posts with the permission, and the system itself."""

from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor, Denied

VIEW, SETTLE = "outside.view", "outside.settle"


class NotPermitted(Denied):
    code = "connectors.not-permitted"


def may(by: Actor, permission: str) -> bool:
    return access.may_anywhere(by, permission)


def require(by: Actor, permission: str) -> None:
    """Lines belong to the whole installation, so any post that carries the permission will do."""
    if not may(by, permission):
        raise NotPermitted("您的岗位不能处理外部系统对接。", hint="请联系大数据局系统管理员。")
