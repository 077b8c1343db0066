"""Pack kinds DataElement (数据元) and CodeList (代码集)."""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import cached_property
from typing import Annotated, ClassVar, Literal

from pydantic import Field, field_validator, model_validator

from yiwang.kernel.elements import contracts
from yiwang.kernel.elements.contracts import ElementType, Moment, Sensitivity
from yiwang.kernel.packs.contracts import Pack, PackFault, PackId, PackModel, PackPart, PackSet, Problem, Text

ELEMENT = "DataElement"
CODE_LIST = "CodeList"
_TEXTS = (ElementType.TEXT, ElementType.ADDRESS, ElementType.PHONE)
_NUMBERS = (ElementType.INTEGER, ElementType.DECIMAL)


class CodeItemPart(PackPart):
    code: Annotated[str, Field(min_length=1, max_length=40)]
    name: Text
    offered: bool = True


class CodeListPack(PackModel):
    """Codes of a standard, in its order."""

    kind_title: ClassVar[str] = "代码集"
    field_names: ClassVar = {
        "gb_identifier": "国家标准号", "items": "代码", "offered": "供填写时选用",
    }  # fmt: skip

    overridable: ClassVar[frozenset[str]] = frozenset({"items"})

    gb_identifier: str = ""
    items: Annotated[tuple[CodeItemPart, ...], Field(min_length=1)]

    @field_validator("items")
    @classmethod
    def _each_once(cls, items: tuple[CodeItemPart, ...]) -> tuple[CodeItemPart, ...]:
        codes = [item.code for item in items]
        twice = next((code for code in codes if codes.count(code) > 1), None)
        if twice:
            raise PackFault(f"代码“{twice}”写了两次", "请删去一处")
        return items

    @cached_property
    def contract(self) -> contracts.CodeList:
        items = tuple(contracts.CodeItem(item.code, item.name, item.offered) for item in self.items)
        return contracts.CodeList(self.id, self.title, items, self.gb_identifier)


class ElementExample(PackPart):
    """A raw value and what becomes of it: the value, or `fails: true`."""

    raw: str
    value: str | None = None
    fails: Literal[True] | None = None

    @model_validator(mode="after")
    def _one_outcome(self) -> "ElementExample":
        if (self.value is None) == (self.fails is None):
            raise PackFault("例子要写 value 或 fails 之一", "请写 value: 结果，或 fails: true")
        return self


class ElementPack(PackModel):
    """A data element: name, type, domain, sensitivity, the register that answers for it."""

    kind_title: ClassVar[str] = "数据元"
    field_names: ClassVar = {
        "type": "数据类型", "sensitivity": "敏感级别", "authority": "权威登记库", "code_list": "代码集",
        "max_length": "最大长度", "min_length": "最小长度", "minimum": "最小值", "maximum": "最大值",
        "places": "小数位数", "pattern": "格式", "pattern_hint": "格式说明", "check_digit": "校验位",
        "moment": "早于或晚于今天", "unit": "计量单位", "gb_identifier": "国家标准标识", "raw": "填写的内容",
        "value": "得到的值", "fails": "应被拒绝",
    }  # fmt: skip

    overridable: ClassVar[frozenset[str]] = frozenset({"authority", "help", "max_length", "code_list"})

    type: ElementType
    sensitivity: Sensitivity
    authority: PackId | None = None
    code_list: PackId | None = None
    max_length: Annotated[int, Field(ge=1, le=20_000)] | None = None
    min_length: Annotated[int, Field(ge=1, le=20_000)] | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    places: Annotated[int, Field(ge=0, le=6)] = 0
    pattern: str = ""
    pattern_hint: Text | None = None
    check_digit: Literal["luhn"] | None = None
    moment: Moment | None = None
    unit: str = ""
    gb_identifier: str = ""
    help: Text | None = None
    examples: tuple[ElementExample, ...] = ()

    @model_validator(mode="after")
    def _fits_its_type(self) -> "ElementPack":
        for fault in self._faults():
            raise fault
        return self

    def _faults(self) -> Iterator[PackFault]:
        if (self.type is ElementType.CODE) != (self.code_list is not None):
            yield PackFault("类型 code 与 code_list 要一起写", "请写 type: code 和 code_list: 代码集的 id，或都不写")
        if self.type in (ElementType.TEXT, ElementType.ADDRESS) and self.max_length is None:
            yield PackFault("文字没有写最大长度", "请写 max_length")
        if self.type not in _TEXTS and (self.pattern or self.check_digit or self.min_length):
            yield PackFault(f"类型 {self.type} 不用 pattern、check_digit、min_length", "请删去")
        if self.type not in _NUMBERS and (self.minimum is not None or self.maximum is not None or self.places):
            yield PackFault(f"类型 {self.type} 不用 minimum、maximum、places", "请删去")
        if self.type is ElementType.DECIMAL and not self.places:
            yield PackFault("小数没有写小数位数", "请写 places，如 2；没有小数的用类型 integer")
        if self.type not in (ElementType.DATE, ElementType.DATETIME) and self.moment:
            yield PackFault(f"类型 {self.type} 不用 moment", "请删去")
        if self.pattern and not self.pattern_hint:
            yield PackFault("有 pattern 却没有给填写人看的说明", "请写 pattern_hint，如 应为11位手机号码")

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error as error:
            raise PackFault(f"正则表达式不对（{error}）", "请改写 pattern") from None
        return pattern

    @cached_property
    def contract(self) -> contracts.Element:
        return contracts.Element(
            id=self.id, title=self.title, type=self.type, sensitivity=self.sensitivity, authority=self.authority,
            code_list=self.code_list, max_length=self.max_length, min_length=self.min_length, minimum=self.minimum,
            maximum=self.maximum, places=self.places, pattern=self.pattern,
            pattern_hint=str(self.pattern_hint or ""), pattern_hint_en=self.pattern_hint.en if self.pattern_hint else "",
            check_digit=self.check_digit, moment=self.moment, unit=self.unit, gb_identifier=self.gb_identifier,
            help=self.help,
        )  # fmt: skip


def code_list_exists(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    """The code list that an element names is there."""
    wanted = pack.as_type(ElementPack).code_list
    if wanted and not packs.find(CODE_LIST, wanted):
        yield pack.problem("code_list", *packs.missing(CODE_LIST, wanted))


def examples_hold(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    """Each example's raw value becomes the value it says, or is refused where it says so."""
    from yiwang.kernel.elements import _parse

    body = pack.as_type(ElementPack)
    listed = packs.find(CODE_LIST, body.code_list) if body.code_list else None
    codes = listed.as_type(CodeListPack).contract if listed else None
    for index, example in enumerate(body.examples):
        try:
            came: str | None = str(_parse.parse(body.contract, codes, example.raw))
        except contracts.NotThisElement:
            came = None
        if came != example.value:
            what = f"“{example.raw}”算出来是“{came}”。" if came is not None else f"“{example.raw}”不能通过。"
            yield pack.problem(("examples", index), what, "请核对例子或定义。")
