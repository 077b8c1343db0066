"""Pack kinds: classes of incidents and components with their types, and how reports are merged and work is judged."""

from collections.abc import Iterable, Mapping
from typing import Annotated, ClassVar

from pydantic import Field

from yiwang.governance.incidents.contracts import Scope
from yiwang.kernel.packs.contracts import LegalBasis, Pack, PackId, PackModel, PackPart, PackSet, Problem, register
from yiwang.kernel.workdays.contracts import Limit

CLASS, POLICY, FLOW = "IncidentClass", "IncidentPolicy", "Flow"
TwoDigits = Annotated[str, Field(pattern=r"^\d{2}$")]
OrgKind = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=40)]


class IncidentType(PackPart):
    """小类: `unit` is the kind of organisation that puts it right, `units` another one for regions (12 digits) named."""

    code: TwoDigits
    name: Annotated[str, Field(max_length=40)]
    limit: Limit
    unit: OrgKind
    units: Mapping[Annotated[str, Field(pattern=r"^\d{12}$")], OrgKind] = Field(default_factory=dict)
    may_self_handle: bool = False
    closes_when: str = ""
    basis: LegalBasis | None = None


class IncidentClass(PackModel):
    """大类 of events or of components, with its types."""

    kind_title: ClassVar[str] = "网格事件（部件）大类"
    field_names: ClassVar = {
        "scope": "事件或部件", "code": "代码", "types": "小类", "limit": "处置时限", "unit": "处置单位类别",
        "units": "另定单位的地方", "may_self_handle": "可当场处置", "closes_when": "结案标准", "basis": "依据",
    }  # fmt: skip
    overridable: ClassVar[frozenset[str]] = frozenset({"types"})
    named_lists: ClassVar = {"types": "code"}

    scope: Scope
    code: TwoDigits
    types: Annotated[tuple[IncidentType, ...], Field(min_length=1, max_length=99)]


class Nearness(PackPart):
    """Reports of one type within so many metres and hours."""

    metres: Annotated[int, Field(ge=1, le=5000)]
    hours: Annotated[int, Field(ge=1, le=720)]


class Marks(PackPart):
    """What is taken off a hundred: for each unit that was late, each return, each recheck that failed."""

    late: Annotated[int, Field(ge=0, le=100)] = 30
    returned: Annotated[int, Field(ge=0, le=100)] = 10
    failed: Annotated[int, Field(ge=0, le=100)] = 20


class IncidentPolicy(PackModel):
    """`same` reports become one incident by themselves, `similar` ones are shown to whoever decides.

    `commands` are kinds of command desk, the first that stands at the place or above it leads. What comes from
    another net without a type is `unsorted`.
    """

    kind_title: ClassVar[str] = "网格事件规则"
    field_names: ClassVar = {
        "flow": "流程", "self_flow": "当场处置流程", "commands": "指挥单位类别", "unsorted": "未分类时的类型", "same": "自动合并", "similar": "提示合并",
        "metres": "米", "hours": "小时", "oldest_hours": "补报不早于多少小时", "photos_max": "照片张数",
        "marks": "评价扣分", "late": "超时", "returned": "退回", "failed": "核查不通过",
    }  # fmt: skip
    overridable: ClassVar[frozenset[str]] = frozenset(
        {"flow", "self_flow", "commands", "unsorted", "same", "similar", "oldest_hours", "photos_max", "marks"}
    )

    flow: PackId
    self_flow: PackId
    commands: Annotated[tuple[OrgKind, ...], Field(min_length=1)]
    unsorted: Annotated[str, Field(pattern=r"^(event|component):\d{4}$")]
    same: Nearness
    similar: Nearness
    oldest_hours: Annotated[int, Field(ge=1, le=8760)] = 72
    photos_max: Annotated[int, Field(ge=1, le=9)] = 6
    marks: Marks = Marks()


def _check_class(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    body = pack.as_type(IncidentClass)
    codes = [each.code for each in body.types]
    for index, each in enumerate(body.types):
        if each.code in codes[:index]:
            yield pack.problem(("types", index, "code"), f"小类代码{each.code}写了两次。", "请换一个代码。")
    for other in packs.all_of(CLASS):
        twin = other.as_type(IncidentClass)
        if other.id < pack.id and (twin.scope, twin.code) == (body.scope, body.code):
            yield pack.problem("code", f"大类代码{body.code}已由 {other.id} 使用。", "请换一个代码。")


def _check_policy(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    body = pack.as_type(IncidentPolicy)
    for name in ("flow", "self_flow"):
        if packs.find(FLOW, getattr(body, name)) is None:
            yield pack.problem(name, f"没有流程“{getattr(body, name)}”。", "请核对流程的编号。")
    if body.similar.metres < body.same.metres or body.similar.hours < body.same.hours:
        yield pack.problem("similar", "提示合并的范围小于自动合并的范围。", "请写得不小于 same。")


def register_kinds() -> None:
    register(CLASS, IncidentClass, check=_check_class)
    register(POLICY, IncidentPolicy, check=_check_policy)
