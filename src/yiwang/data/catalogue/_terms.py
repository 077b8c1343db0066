"""The terms of the catalogue with their names in Chinese: how data are shared, opened, renewed, classed."""

from enum import StrEnum, nonmember
from typing import Self


class Named(StrEnum):
    """A code with its name in Chinese; templates may list the members."""

    label: str
    do_not_call_in_templates = nonmember(True)

    def __new__(cls, code: str, label: str = "") -> Self:
        member = str.__new__(cls, code)
        member._value_ = code
        member.label = label
        return member


class Sharing(Named):
    """共享属性. What is refused names the law that refuses it."""

    UNCONDITIONAL = "unconditional", "无条件共享"
    CONDITIONAL = "conditional", "有条件共享"
    REFUSED = "refused", "不予共享"


class Opening(Named):
    """开放属性."""

    OPEN = "open", "无条件开放"
    ON_REQUEST = "on-request", "有条件开放"
    CLOSED = "closed", "不予开放"


class Way(Named):
    """共享方式."""

    SYSTEM = "system", "系统对接"
    QUERY = "query", "联机查询"
    BROWSE = "browse", "在线浏览"
    SERVICE = "service", "调用在线服务"
    DOWNLOAD = "download", "下载"
    COPY = "copy", "拷贝"


class Cycle(Named):
    """更新周期."""

    REALTIME = "realtime", "实时"
    DAILY = "daily", "每日"
    WEEKLY = "weekly", "每周"
    MONTHLY = "monthly", "每月"
    QUARTERLY = "quarterly", "每季度"
    YEARLY = "yearly", "每年"
    IRREGULAR = "irregular", "不定期"


class Shape(Named):
    """信息资源格式."""

    DATABASE = "database", "数据库"
    SHEET = "sheet", "电子表格"
    DOCUMENT = "document", "电子文件"
    IMAGE = "image", "图形图像"
    STREAM = "stream", "流媒体"
    SERVICE = "service", "接口服务"


class Grade(Named):
    """数据分级, GB/T 43697: 一般 may be divided further."""

    GENERAL_1 = "general-1", "一般数据1级"
    GENERAL_2 = "general-2", "一般数据2级"
    GENERAL_3 = "general-3", "一般数据3级"
    GENERAL_4 = "general-4", "一般数据4级"
    IMPORTANT = "important", "重要数据"
    CORE = "core", "核心数据"


class State(Named):
    """Nothing is deleted: what is no longer kept is retired."""

    DRAFT = "draft", "待完善"
    IN_FORCE = "in-force", "在用"
    RETIRED = "retired", "已停用"


class Origin(Named):
    """Where a revision comes from; a pack never overwrites what somebody else revised."""

    PACK = "pack", "配置包"
    PAGE = "page", "填报"
    IMPORT = "import", "导入"
    CENSUS = "census", "普查"


class RequestKind(Named):
    """What a unit may ask of the catalogue."""

    CHANGE = "change", "目录变更"
    CLAIM = "claim", "认领数源"
    DEMAND = "demand", "数据需求"


class RequestOutcome(Named):
    OPEN = "open", "办理中"
    TAKEN = "taken", "已同意"
    REFUSED = "refused", "未同意"


class TaskState(Named):
    """How far a unit is with a census."""

    WAITING = "waiting", "待填报"
    FILLED = "filled", "待验收"
    TAKEN = "taken", "已验收"


class ListingState(StrEnum):
    """A unit's file: read and shown, or asked for."""

    READ = "read"
    ASKED = "asked"

    @property
    def label(self) -> str:
        return {"read": "待提交", "asked": "已提交"}[self]
