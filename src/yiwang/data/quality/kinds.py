"""Pack kinds QualityRules (质量规则) and QualityPolicy (质量评价办法)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from yiwang.data.quality._values import PARTS
from yiwang.data.quality.contracts import Dimension, Trait
from yiwang.kernel.packs.contracts import LegalBasis, PackFault, PackId, PackModel, PackPart, register

RULES, POLICY = "QualityRules", "QualityPolicy"
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=40)]
ColumnName = Annotated[str, Field(min_length=1, max_length=80)]
ResourceCode = Annotated[str, Field(min_length=1, max_length=120)]
OrgKind = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=40)]
VALUE = "value"
ROWS_MAX = 50


class WithinPart(PackPart):
    resource: ResourceCode
    item: ColumnName


class AgreesPart(PackPart):
    """`on` names the record: own column to theirs."""

    resource: ResourceCode
    item: ColumnName
    on: Annotated[Mapping[ColumnName, ColumnName], Field(min_length=1, max_length=5)]


class RulePart(PackPart):
    """One rule. It asks exactly one thing: present, valid, when, unique, within or agrees."""

    code: Code
    sentence: Annotated[str, Field(min_length=2, max_length=120)]
    trait: Trait
    weight: Annotated[int, Field(ge=1, le=10)] = 1
    basis: LegalBasis | None = None
    column: ColumnName | None = None
    present: Literal[True] | None = None
    valid: Literal[True] | tuple[str, ...] | None = None
    when: Annotated[str, Field(min_length=1, max_length=2000)] | None = None
    unique: Annotated[tuple[ColumnName, ...], Field(min_length=1, max_length=5)] | Literal[True] | None = None
    within: WithinPart | None = None
    agrees: AgreesPart | None = None

    @model_validator(mode="after")
    def _asks_one_thing(self) -> "RulePart":
        asked = [name for name in ASKS if getattr(self, name) is not None]
        if len(asked) != 1:
            said = "、".join(asked) or "什么也没写"
            raise PackFault(f"一条规则只问一件事，现在是：{said}", f"请写其中一个：{'、'.join(ASKS)}")
        if isinstance(self.valid, tuple) and (wrong := [part for part in self.valid if part not in PARTS]):
            raise PackFault(f"数据元没有“{wrong[0]}”这一项要求", f"可以写：{'、'.join(PARTS)}，或 valid: true")
        if self.trait not in TRAITS[asked[0]]:
            allowed = "、".join(TRAITS[asked[0]])
            raise PackFault(f"写了 {asked[0]} 的规则不属于 {self.trait}", f"trait 可以写：{allowed}")
        return self

    @property
    def asks(self) -> str:
        return next(name for name in ASKS if getattr(self, name) is not None)


ASKS = ("present", "valid", "when", "unique", "within", "agrees")
TRAITS: Mapping[str, tuple[Trait, ...]] = {
    "present": (Trait.COMPLETENESS,),
    "valid": (Trait.VALIDITY,),
    "when": (Trait.VALIDITY, Trait.CONSISTENCY, Trait.TIMELINESS, Trait.COMPLETENESS),
    "unique": (Trait.UNIQUENESS,),
    "within": (Trait.CONSISTENCY, Trait.ACCURACY),
    "agrees": (Trait.ACCURACY, Trait.CONSISTENCY),
}


class ColumnPart(PackPart):
    """What a column holds, where no element says so."""

    type: Literal["text", "integer", "decimal", "date", "bool"]
    places: Annotated[int, Field(ge=0, le=6)] = 0


class RulesExample(PackPart):
    """Rows in, the codes that each row fails out; `others` are rows of other resources."""

    name: str = ""
    given: Annotated[tuple[Mapping[str, Any], ...], Field(min_length=1, max_length=ROWS_MAX)]
    others: Mapping[ResourceCode, tuple[Mapping[str, Any], ...]] = Field(default_factory=dict)
    then: tuple[tuple[Code, ...], ...]

    @model_validator(mode="after")
    def _a_line_each(self) -> "RulesExample":
        if len(self.given) != len(self.then):
            raise PackFault(
                f"given 有{len(self.given)}行，then 有{len(self.then)}行", "每一行写一个列表，没有问题的写 []"
            )
        return self


class ValueExample(PackPart):
    """A value of the element and the codes it fails; an empty one is absent."""

    value: str | None
    fails: tuple[Code, ...] = ()


class RulesPack(PackModel):
    """Of an element: applied to every column that carries it. Of a resource: across its columns and beside other resources."""

    kind_title: ClassVar[str] = "质量规则"
    field_names: ClassVar = {
        "element": "数据元", "resource": "信息资源", "columns": "列", "rules": "规则", "code": "编号", "trait": "类别",
        "sentence": "说明", "weight": "权重", "column": "列", "present": "要有值", "valid": "符合数据元", "when": "条件",
        "unique": "不重复", "within": "在另一资源中有", "agrees": "与另一来源一致", "item": "信息项", "on": "按什么对上",
        "values": "取值例子", "then": "各行不符合的规则", "others": "另一资源的行", "places": "小数位数", "basis": "依据",
        "fails": "不符合的规则", "value": "值", "type": "类型", "given": "给出的行",
    }  # fmt: skip
    overridable: ClassVar[frozenset[str]] = frozenset({"rules"})
    named_lists: ClassVar = {"rules": "code"}

    element: PackId | None = None
    resource: ResourceCode | None = None
    columns: Mapping[ColumnName, PackId | ColumnPart] = Field(default_factory=dict)
    rules: Annotated[tuple[RulePart, ...], Field(min_length=1, max_length=100)]
    values: tuple[ValueExample, ...] = ()
    examples: tuple[RulesExample, ...] = ()

    @model_validator(mode="after")
    def _about_one_thing(self) -> "RulesPack":
        if (self.element is None) == (self.resource is None):
            raise PackFault("质量规则要么写给一个数据元，要么写给一个资源", "请写 element 或 resource 之一")
        codes = [rule.code for rule in self.rules]
        twice = next((code for code in codes if codes.count(code) > 1), None)
        if twice:
            raise PackFault(f"规则编号“{twice}”写了两次", "请换一个编号")
        for rule in self.rules:
            if rule.column is None and self.resource and rule.asks in ("present", "valid", "within", "agrees"):
                raise PackFault(f"规则“{rule.code}”没有写是哪一列", "请写 column")
            if self.element and (rule.column or rule.agrees or isinstance(rule.unique, tuple)):
                raise PackFault(f"规则“{rule.code}”写在数据元上，不能指定列", "请删去列名，或改写在资源上")
            if self.resource and rule.unique is True:
                raise PackFault(f"规则“{rule.code}”没有写哪几列合起来不重复", "请写如 unique: [id_number]")
        return self


class QualityPolicy(PackModel):
    """How figures become scores, and when failing rows go back to their source.

    `weights` are of the six dimensions of GB/T 36344; one without a rule is left out of the mean. `days` are how old data of an
    update cycle may be. `owner` is the kind of unit that judges what a department disputes.
    """

    kind_title: ClassVar[str] = "质量评价办法"
    field_names: ClassVar = {
        "weights": "六个维度的权重", "good": "良好不低于", "fair": "合格不低于", "rows_kept": "每条规则留存多少行",
        "flow": "问题数据处理的流程", "raise_from": "多少行起发起", "days": "各更新周期多少天内算及时", "steward": "数据主管单位类别",
        "objection_flow": "使用方异议的流程",
    }  # fmt: skip
    overridable: ClassVar[frozenset[str]] = frozenset(
        {"weights", "good", "fair", "rows_kept", "flow", "raise_from", "days", "steward", "objection_flow"}
    )

    weights: Mapping[Dimension, Annotated[int, Field(ge=0, le=100)]]
    good: Annotated[Decimal, Field(ge=0, le=100)] = Decimal(95)
    fair: Annotated[Decimal, Field(ge=0, le=100)] = Decimal(80)
    rows_kept: Annotated[int, Field(ge=1, le=2000)] = 200
    raise_from: Annotated[int, Field(ge=1)] = 1
    flow: PackId
    objection_flow: PackId
    days: Mapping[str, Annotated[int, Field(ge=1, le=3660)]] = Field(default_factory=dict)
    steward: OrgKind

    @model_validator(mode="after")
    def _some_weight(self) -> "QualityPolicy":
        if not sum(self.weights.values()):
            raise PackFault("六个维度的权重都是零", "请至少给一个维度写大于零的权重")
        if self.fair > self.good:
            raise PackFault("合格的分数高于良好的分数", "请写 fair 不高于 good")
        return self


def register_kinds() -> None:
    from yiwang.data.quality import _check

    register(RULES, RulesPack, check=_check.rules_hold_together, examples=_check.examples_hold)
    register(POLICY, QualityPolicy, check=_check.policy_holds_together)
