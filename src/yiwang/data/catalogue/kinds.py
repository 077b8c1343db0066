"""Pack kinds: how a place keeps its catalogue, and entries that packs bring."""

from collections.abc import Iterable, Iterator
from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints, model_validator

from yiwang.data.catalogue.contracts import Content, Cycle, Grade, ItemView, Opening, Shape, Sharing, Way
from yiwang.kernel.elements.contracts import ElementType, Sensitivity
from yiwang.kernel.packs.contracts import Pack, PackFault, PackId, PackModel, PackPart, PackSet, Problem, register

POLICY, SEED, ELEMENT, FLOW = "CataloguePolicy", "CatalogueSeed", "DataElement", "Flow"
OrgKind = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=40)]
Region = Annotated[str, StringConstraints(pattern=r"^\d{12}$")]
Dotted = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(\.[a-z0-9]+(-[a-z0-9]+)*){1,5}$", max_length=120)]


class Flows(PackPart):
    """Which flow each kind of catalogue case follows."""

    change: PackId
    claim: PackId
    dispute: PackId
    demand: PackId
    census: PackId
    census_unit: PackId


class CataloguePolicy(PackModel):
    """`authority` is the kind of unit that governs the catalogue; `officer` and `clerk` are posts of each unit."""

    kind_title: ClassVar[str] = "数据目录规则"
    field_names: ClassVar = {
        "authority": "数据主管部门的单位类别", "officer": "首席数据官的岗位", "clerk": "填报岗位", "flows": "流程",
        "change": "目录变更", "claim": "认领数源", "dispute": "数源争议", "demand": "数据需求", "census": "普查",
        "census_unit": "单位填报",
    }  # fmt: skip
    overridable: ClassVar[frozenset[str]] = frozenset({"authority", "officer", "clerk", "flows"})

    authority: OrgKind
    officer: PackId
    clerk: PackId
    flows: Flows


class SeedItem(PackPart):
    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,79}$")]
    title: str = ""
    element: PackId | None = None
    type: ElementType = ElementType.TEXT
    length: Annotated[int, Field(ge=1, le=100_000)] | None = None
    key: bool = False
    sensitivity: Sensitivity = Sensitivity.GENERAL
    note: str = ""


class SeedResource(PackPart):
    """One entry; what the provider says for all of its entries stands in the pack."""

    code: Dotted
    title: Annotated[str, Field(min_length=1, max_length=120)]
    summary: Annotated[str, Field(min_length=1, max_length=1000)]
    system: Dotted | None = None
    shape: Shape = Shape.DATABASE
    sharing: Sharing = Sharing.CONDITIONAL
    sharing_condition: str = ""
    refusal_basis: str = ""
    ways: tuple[Way, ...] = ()
    opening: Opening = Opening.CLOSED
    opening_condition: str = ""
    cycle: Cycle = Cycle.IRREGULAR
    grade: Grade = Grade.GENERAL_2
    keywords: tuple[str, ...] = ()
    matters: tuple[PackId, ...] = ()
    lake_table: str = ""
    sources: tuple[PackId, ...] = ()
    items: Annotated[tuple[SeedItem, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _refusal_names_its_law(self) -> "SeedResource":
        if self.sharing is Sharing.REFUSED and not self.refusal_basis:
            raise PackFault(f"{self.code} 不予共享却没有依据", "请写 refusal_basis: 法律名称和条款")
        return self


class SeedSystem(PackPart):
    code: Dotted
    name: Annotated[str, Field(min_length=1, max_length=120)]


class CatalogueSeed(PackModel):
    """What one unit (a kind of it at a region) keeps: systems and resources, entered once the unit is there."""

    kind_title: ClassVar[str] = "部门数据目录"
    field_names: ClassVar = {
        "provider": "提供单位的类别", "region": "提供单位的区划", "contact": "联系处室", "phone": "联系电话", "systems": "信息系统",
        "resources": "信息资源", "code": "代码", "name": "名称", "summary": "摘要", "system": "所属系统", "shape": "格式",
        "sharing": "共享属性", "sharing_condition": "共享条件", "refusal_basis": "不予共享的依据", "ways": "共享方式",
        "opening": "开放属性", "opening_condition": "开放条件", "cycle": "更新周期", "grade": "数据级别", "keywords": "关键词",
        "matters": "关联事项", "lake_table": "湖内表", "sources": "作为数源的数据元", "items": "信息项", "element": "数据元",
        "type": "类型", "length": "长度", "key": "主键", "sensitivity": "敏感级别", "note": "说明", "title": "标题",
    }  # fmt: skip

    provider: OrgKind
    region: Region
    contact: str = ""
    phone: str = ""
    systems: tuple[SeedSystem, ...] = ()
    resources: Annotated[tuple[SeedResource, ...], Field(min_length=1)]

    def content(self, given: SeedResource) -> Content:
        items = tuple(
            ItemView(
                item.name,
                item.title,
                item.element or "",
                item.type.value,
                item.length,
                item.key,
                item.sensitivity.value,
                item.note,
            )
            for item in given.items
        )
        same = {name: getattr(given, name) for name in _SAME}
        return Content(
            items=items,
            system=given.system or "",
            update_cycle=given.cycle,
            contact=self.contact,
            phone=self.phone,
            **same,
        )


_SAME = (
    "title", "summary", "shape", "sharing", "sharing_condition", "refusal_basis", "ways", "opening", "opening_condition",
    "grade", "keywords", "matters", "lake_table",
)  # fmt: skip


def _check_policy(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    body = pack.as_type(CataloguePolicy)
    for name in Flows.model_fields:
        if packs.find(FLOW, getattr(body.flows, name)) is None:
            yield pack.problem(("flows", name), f"没有流程“{getattr(body.flows, name)}”。", "请核对流程的编号。")
    for name in ("officer", "clerk"):
        if packs.find("PostType", getattr(body, name)) is None:
            yield pack.problem(name, f"没有岗位“{getattr(body, name)}”。", "请核对岗位的编号。")


def _check_seed(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    body = pack.as_type(CatalogueSeed)
    systems = {each.code for each in body.systems}
    for index, resource in enumerate(body.resources):
        if resource.system and resource.system not in systems:
            where = ("resources", index, "system")
            yield pack.problem(where, f"没有系统“{resource.system}”。", "请先写在 systems 里。")
        for number, item in enumerate(resource.items):
            if item.element and packs.find(ELEMENT, item.element) is None:
                at = ("resources", index, "items", number, "element")
                yield pack.problem(at, *packs.missing(ELEMENT, item.element))
            elif not item.element and not item.title:
                yield pack.problem(("resources", index, "items", number), "没有数据元也没有名称。", "请写 title。")
    yield from _twice(pack, packs)


def _twice(pack: Pack, packs: PackSet) -> Iterator[Problem]:
    """A resource stands in one pack."""
    elsewhere = {
        each.code: other.id
        for other in packs.all_of(SEED)
        if other.id < pack.id
        for each in other.as_type(CatalogueSeed).resources
    }
    for index, resource in enumerate(pack.as_type(CatalogueSeed).resources):
        if resource.code in elsewhere:
            where = ("resources", index, "code")
            yield pack.problem(where, f"{resource.code} 已写在 {elsewhere[resource.code]}。", "请换一个代码。")


def register_kinds() -> None:
    register(POLICY, CataloguePolicy, check=_check_policy)
    register(SEED, CatalogueSeed, check=_check_seed)
