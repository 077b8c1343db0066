"""Pack kind Form (表单)."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, StringConstraints, field_validator, model_validator

from yiwang.kernel.packs.contracts import PackFault, PackId, PackModel, PackPart, Text

FORM = "Form"
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Expression = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
GROUPS_MAX, FIELDS_MAX, ITEMS_MAX = 40, 60, 50


class FieldPart(PackPart):
    """A question. `ask` says why it is asked although a register answers for its element."""

    name: Name
    element: PackId
    label: Text | None = None
    help: Text | None = None
    required: bool = False
    required_when: Expression | None = None
    when: Expression | None = None
    ask: Text | None = None
    subject: Name | None = None
    default: str | int | bool | None = None
    multiple: bool = False
    files: Annotated[int, Field(ge=1, le=20)] = 1
    photo: Literal["", "portrait", "document"] = ""

    @model_validator(mode="after")
    def _one_way_to_require(self) -> "FieldPart":
        if self.required and self.required_when:
            raise PackFault("required 与 required_when 只能写一个", "有条件的必填只写 required_when")
        return self


class RepeatPart(PackPart):
    min: Annotated[int, Field(ge=0, le=ITEMS_MAX)] = 1
    max: Annotated[int, Field(ge=1, le=ITEMS_MAX)]
    noun: Text = Text("项")

    @model_validator(mode="after")
    def _in_order(self) -> "RepeatPart":
        if self.min > self.max:
            raise PackFault("min 大于 max", "请核对最少和最多几项")
        return self


class GroupPart(PackPart):
    """Questions that belong on one screen; `subject` is the role whose registers fill them."""

    id: Name
    title: Text
    help: Text | None = None
    when: Expression | None = None
    subject: Name | None = None
    repeat: RepeatPart | None = None
    fields: Annotated[tuple[FieldPart, ...], Field(min_length=1, max_length=FIELDS_MAX)]


class CheckPart(PackPart):
    """What must hold among answers; `field` is where the sentence is shown."""

    code: Name
    when: Expression
    sentence: Text
    field: Name


class FormExample(PackPart):
    """Answers, and what comes of them: `then` are answers that must be kept so, `fails` the paths with an error."""

    name: str = ""
    as_of: str = "2026-11-23"
    known: dict[str, Any] = {}
    given: dict[str, Any]
    then: dict[str, Any] | None = None
    fails: tuple[str, ...] | None = None

    @model_validator(mode="after")
    def _one_outcome(self) -> "FormExample":
        if (self.then is None) == (self.fails is None):
            raise PackFault("例子要写 then 或 fails 之一", "请写 then: {字段: 值}，或 fails: [字段]")
        return self


class FormPack(PackModel):
    """A form: groups of fields typed by data elements."""

    kind_title: ClassVar[str] = "表单"
    field_names: ClassVar = {
        "purpose": "用途", "groups": "分组", "checks": "核对", "repeat": "重复填写", "fields": "字段",
        "element": "数据元", "label": "题目", "required": "必填", "required_when": "何时必填",
        "ask": "仍要填写的理由", "subject": "由谁的登记信息填入", "default": "默认值", "multiple": "可多选",
        "files": "文件个数", "photo": "拍照", "min": "最少", "max": "最多", "noun": "量词", "sentence": "提示语",
        "field": "提示在哪个字段", "as_of": "填表日期", "known": "已知的内容", "given": "填写的内容",
        "then": "应得的内容", "fails": "应被拦下的字段",
    }  # fmt: skip

    purpose: str = ""
    groups: Annotated[tuple[GroupPart, ...], Field(min_length=1, max_length=GROUPS_MAX)]
    checks: tuple[CheckPart, ...] = ()
    examples: tuple[FormExample, ...] = ()

    @field_validator("groups")
    @classmethod
    def _names_once(cls, groups: tuple[GroupPart, ...]) -> tuple[GroupPart, ...]:
        names = [group.id for group in groups] + [each.name for group in groups for each in group.fields]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice:
            raise PackFault(f"“{twice}”出现了两次", "整张表单里组和字段的名称都不能重复")
        return groups
