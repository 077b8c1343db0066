"""Systems, resources and items as other apps see them. No Django."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Self

from yiwang.kernel.base.contracts import Conflict, Denied, Invalid, NotFound, Place

VIEW, EDIT, GOVERN = "catalogue.view", "catalogue.edit", "catalogue.govern"
PERMISSIONS = {
    VIEW: "查看数据目录",
    EDIT: "编制本单位的数据目录",
    GOVERN: "审核数据目录、组织普查、裁定数源",
}


class _Named(StrEnum):
    """A code with its name in Chinese."""

    label: str

    def __new__(cls, code: str, label: str = "") -> Self:
        member = str.__new__(cls, code)
        member._value_ = code
        member.label = label
        return member


class Sharing(_Named):
    """共享属性. What is refused names the law that refuses it."""

    UNCONDITIONAL = "unconditional", "无条件共享"
    CONDITIONAL = "conditional", "有条件共享"
    REFUSED = "refused", "不予共享"


class Opening(_Named):
    """开放属性."""

    OPEN = "open", "无条件开放"
    ON_REQUEST = "on-request", "有条件开放"
    CLOSED = "closed", "不予开放"


class Way(_Named):
    """共享方式."""

    SYSTEM = "system", "系统对接"
    QUERY = "query", "联机查询"
    BROWSE = "browse", "在线浏览"
    SERVICE = "service", "调用在线服务"
    DOWNLOAD = "download", "下载"
    COPY = "copy", "拷贝"


class Cycle(_Named):
    """更新周期."""

    REALTIME = "realtime", "实时"
    DAILY = "daily", "每日"
    WEEKLY = "weekly", "每周"
    MONTHLY = "monthly", "每月"
    QUARTERLY = "quarterly", "每季度"
    YEARLY = "yearly", "每年"
    IRREGULAR = "irregular", "不定期"


class Shape(_Named):
    """信息资源格式."""

    DATABASE = "database", "数据库"
    SHEET = "sheet", "电子表格"
    DOCUMENT = "document", "电子文件"
    IMAGE = "image", "图形图像"
    STREAM = "stream", "流媒体"
    SERVICE = "service", "接口服务"


class Grade(_Named):
    """数据分级, GB/T 43697: 一般 may be divided further."""

    GENERAL_1 = "general-1", "一般数据1级"
    GENERAL_2 = "general-2", "一般数据2级"
    GENERAL_3 = "general-3", "一般数据3级"
    GENERAL_4 = "general-4", "一般数据4级"
    IMPORTANT = "important", "重要数据"
    CORE = "core", "核心数据"


class State(_Named):
    """Nothing is deleted: what is no longer kept is retired."""

    DRAFT = "draft", "待完善"
    IN_FORCE = "in-force", "在用"
    RETIRED = "retired", "已停用"


class Origin(_Named):
    """Where a revision comes from; a pack never overwrites what somebody else revised."""

    PACK = "pack", "配置包"
    PAGE = "page", "填报"
    IMPORT = "import", "导入"
    CENSUS = "census", "普查"


class RequestKind(_Named):
    """What a unit may ask of the catalogue."""

    CHANGE = "change", "目录变更"
    CLAIM = "claim", "认领数源"
    DEMAND = "demand", "数据需求"


class RequestOutcome(_Named):
    OPEN = "open", "办理中"
    TAKEN = "taken", "已同意"
    REFUSED = "refused", "未同意"


class TaskState(_Named):
    """How far a unit is with a census."""

    WAITING = "waiting", "待填报"
    FILLED = "filled", "待验收"
    TAKEN = "taken", "已验收"


CASE_KINDS = {
    RequestKind.CHANGE: "catalogue-change",
    RequestKind.CLAIM: "catalogue-claim",
    RequestKind.DEMAND: "catalogue-demand",
}
CENSUS_KIND = "catalogue-census"


class NoSuchResource(NotFound):
    code = "catalogue.no-such-resource"


class NoSuchSystem(NotFound):
    code = "catalogue.no-such-system"


class BadResource(Invalid):
    """What a resource's entry says cannot stand; each place names its field."""

    code = "catalogue.bad-resource"


class AlreadyRegistered(Conflict):
    code = "catalogue.already-registered"


class CannotChange(Conflict):
    code = "catalogue.cannot-change"


class NotYours(Denied):
    code = "catalogue.not-yours"


@dataclass(frozen=True, slots=True)
class ItemView:
    """信息项. With an element the type and sensitivity are the element's unless the entry says otherwise."""

    name: str
    title: str
    element_id: str = ""
    type: str = "text"
    length: int | None = None
    is_key: bool = False
    sensitivity: str = "general"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """All that an entry says of a resource; `refusal_basis` is the law and article that refuses sharing."""

    title: str
    summary: str
    items: tuple[ItemView, ...] = ()
    system: str = ""
    shape: Shape = Shape.DATABASE
    sharing: Sharing = Sharing.CONDITIONAL
    sharing_condition: str = ""
    refusal_basis: str = ""
    ways: tuple[Way, ...] = ()
    opening: Opening = Opening.CLOSED
    opening_condition: str = ""
    update_cycle: Cycle = Cycle.IRREGULAR
    grade: Grade = Grade.GENERAL_2
    contact: str = ""  # an office, never a person
    phone: str = ""
    keywords: tuple[str, ...] = ()
    matters: tuple[str, ...] = ()
    lake_table: str = ""


@dataclass(frozen=True, slots=True)
class NewResource:
    """An entry to be made: `code` is dotted, the place first (`anlan.market.enterprises`)."""

    code: str
    org_id: int
    content: Content
    published_on: date | None = None


@dataclass(frozen=True, slots=True)
class ResourceView:
    """A resource as the catalogue has it now."""

    id: int
    code: str
    title: str
    org_id: int
    items: tuple[ItemView, ...]
    update_cycle: Cycle
    sharing: Sharing
    opening: Opening
    lake_table: str
    content: Content
    state: State
    revision: int
    origin: Origin
    published_on: date | None
    revised_at: datetime
    retired_at: datetime | None = None
    retired_because: str = ""

    def item(self, name: str) -> ItemView | None:
        return next((each for each in self.items if each.name == name), None)


@dataclass(frozen=True, slots=True)
class ResourceRow:
    """One line of a list."""

    code: str
    title: str
    org_id: int
    org_name: str
    sharing: Sharing
    opening: Opening
    update_cycle: Cycle
    state: State
    items: int
    lake_table: str


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is narrowed by; an empty field narrows nothing."""

    text: str = ""
    org_id: int | None = None
    sharing: Sharing | None = None
    opening: Opening | None = None
    update_cycle: Cycle | None = None
    element_id: str = ""
    system: str = ""
    gap: str = ""
    state: State | None = State.IN_FORCE


@dataclass(frozen=True, slots=True)
class RevisionView:
    """What one revision changed, in words."""

    number: int
    origin: Origin
    words: tuple[str, ...]
    recorded_at: datetime
    recorded_by: int | None
    case_number: str


@dataclass(frozen=True, slots=True)
class SystemView:
    """信息系统."""

    id: int
    code: str
    name: str
    org_id: int
    since: date | None
    retired_on: date | None


@dataclass(frozen=True, slots=True)
class Published:
    """What packs brought; `clashes` are codes that somebody has revised since and that stay as they are."""

    created: int
    revised: int
    unchanged: int
    clashes: tuple[str, ...] = ()
    homeless: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What taking in a file did; `problems` name sheet line and column."""

    created: int
    revised: int
    unchanged: int
    problems: tuple[Place, ...] = ()
    codes: tuple[str, ...] = ()
    figures: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AuthorityView:
    """Which unit is the source of an element, in which resource."""

    element_id: str
    org_id: int
    resource_code: str
    resource_title: str
    basis: str
    since: date
    until: date | None


class BadRequest(Invalid):
    """What was asked for cannot be asked so."""

    code = "catalogue.bad-request"


class AlreadyAsked(Conflict):
    code = "catalogue.already-asked"


class NoSuchRequest(NotFound):
    code = "catalogue.no-such-request"


class NoSuchCensus(NotFound):
    code = "catalogue.no-such-census"


class BadAnswer(Invalid):
    """A census form that cannot be handed in as it is."""

    code = "catalogue.bad-answer"


@dataclass(frozen=True, slots=True)
class RequestView:
    """Something asked for, whose case runs or has come to an end."""

    id: int
    kind: RequestKind
    org_id: int
    answering_id: int
    resource_code: str
    element_id: str
    title: str
    reason: str
    words: tuple[str, ...]
    outcome: RequestOutcome
    case_number: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class NewData:
    """What a unit has that the catalogue does not know, in a clerk's words."""

    title: str
    summary: str
    update_cycle: Cycle = Cycle.IRREGULAR


@dataclass(frozen=True, slots=True)
class CensusView:
    """A campaign with how far the units are."""

    id: int
    title: str
    words: str
    opened_at: datetime
    case_number: str
    asked: int
    filled: int
    taken: int


@dataclass(frozen=True, slots=True)
class CensusTaskView:
    """One unit's part; `kept` and `gone` are codes of entries, `added` what the catalogue did not know."""

    id: int
    census_id: int
    census_title: str
    words: str
    org_id: int
    case_id: int
    case_number: str
    state: TaskState
    kept: tuple[str, ...]
    gone: tuple[str, ...]
    added: tuple[NewData, ...]
    filled_at: datetime | None


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """一本账: what one unit has, by how it is shared, and what is missing."""

    org_id: int
    org_name: str
    total: int
    unconditional: int
    conditional: int
    refused: int
    items: int
    unlinked: int
    no_contact: int
    no_system: int
    officer: str
