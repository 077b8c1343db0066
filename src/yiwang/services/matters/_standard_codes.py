"""The standard item codes (事项编码) of 12, 31 and 33 signs, each a frozen value that builds its text. Pure."""

import re
from dataclasses import dataclass, fields
from typing import ClassVar

from yiwang.kernel.base.codes import is_uscc
from yiwang.services.matters.contracts import CodeUnreadable, Component

# GB/T 39046 A.1; 00 is the heading of 01–10 and never stands in a code.
TYPES = frozenset({*(f"{n:02}" for n in range(1, 11)), "20"})


@dataclass(frozen=True, slots=True)
class BaseCode:
    """基本编码: 2 + 2 + 2 + 3 + 3 (GB/T 39554.1, confirmed on real codes)."""

    form: ClassVar = "base"
    RULES: ClassVar = {
        "province": ("省码（00 为国家）", r"\d{2}"),
        "type": ("事项类型", "|".join(sorted(TYPES))),
        "department": ("部门", r"\d{2}"),
        "main": ("主项", r"\d{3}"),
        "sub": ("子项", r"\d{3}|[A-Z]\d{2}"),
    }

    province: str
    type: str
    department: str
    main: str
    sub: str

    def __post_init__(self) -> None:
        check_parts(self)

    def __str__(self) -> str:
        return f"{self.province}{self.type}{self.department}{self.main}{self.sub}"

    @property
    def components(self) -> tuple[Component, ...]:
        return parts_of(self)

    @property
    def item(self) -> str:
        return str(self)

    @property
    def matter_type(self) -> str | None:
        return self.type


@dataclass(frozen=True, slots=True)
class Uscc:
    """统一社会信用代码 (GB 32100) as the first 18 signs of an implementation code."""

    RULES: ClassVar = {
        "authority": ("登记管理部门", r"[0-9A-Z]"),
        "category": ("机构类别", r"[0-9A-Z]"),
        "region": ("登记机关区划", r"\d{6}"),
        "body": ("主体标识", r"[0-9A-Z]{9}"),
        "check": ("校验码", r"[0-9A-Z]"),
    }

    authority: str
    category: str
    region: str
    body: str
    check: str

    def __post_init__(self) -> None:
        check_parts(self)
        if not is_uscc(str(self)):
            raise CodeUnreadable(f"统一社会信用代码 {self} 的校验码不对。", hint="请核对编码的前18位。")

    def __str__(self) -> str:
        return f"{self.authority}{self.category}{self.region}{self.body}{self.check}"

    @classmethod
    def read(cls, text: str) -> "Uscc":
        if len(text) != 18:
            raise CodeUnreadable(f"统一社会信用代码有{len(text)}位。", hint="应为18位。")
        return cls(text[0], text[1], text[2:8], text[8:17], text[17])


@dataclass(frozen=True, slots=True)
class ImplementationCode:
    """实施编码: 实施主体 18 + 行使层级 1 + 基本编码 12."""

    form: ClassVar = "implementation"

    body: Uscc
    level: str
    base: BaseCode

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[1-7]", self.level):
            raise CodeUnreadable(f"行使层级“{self.level}”不在1至7之间。", hint="请核对编码的第19位。")

    def __str__(self) -> str:
        return f"{self.body}{self.level}{self.base}"

    @property
    def components(self) -> tuple[Component, ...]:
        level = Component("level", "行使层级", self.level)
        return (*parts_of(self.body), level, *self.base.components)

    @property
    def item(self) -> str:
        return self.base.item

    @property
    def matter_type(self) -> str | None:
        return self.base.type


@dataclass(frozen=True, slots=True)
class HandlingCode:
    """业务办理项编码: 实施编码 31 + 2."""

    form: ClassVar = "handling"

    implementation: ImplementationCode
    option: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"\d{2}", self.option):
            raise CodeUnreadable(f"业务办理项“{self.option}”不是两位数字。", hint="请核对编码的最后2位。")

    def __str__(self) -> str:
        return f"{self.implementation}{self.option}"

    @property
    def components(self) -> tuple[Component, ...]:
        option = Component("option", "业务办理项", self.option)
        return (*self.implementation.components, option)

    @property
    def item(self) -> str:
        return self.implementation.item

    @property
    def matter_type(self) -> str | None:
        return self.implementation.matter_type


def read_base(text: str) -> BaseCode:
    if len(text) != 12:
        raise CodeUnreadable(f"基本编码有{len(text)}位。", hint="应为12位。")
    return BaseCode(text[:2], text[2:4], text[4:6], text[6:9], text[9:])


def check_parts(code: BaseCode | Uscc) -> None:
    """Hold each field of `code` against its RULES. Raises CodeUnreadable for the first that fails."""
    for name, (title, pattern) in code.RULES.items():
        value = getattr(code, name)
        if not re.fullmatch(pattern, value, re.ASCII):
            raise CodeUnreadable(f"{title}“{value}”不合规则。", hint=f"应符合 {pattern}。")


def parts_of(code: BaseCode | Uscc) -> tuple[Component, ...]:
    names = [field.name for field in fields(code)]
    return tuple(Component(name, code.RULES[name][0], getattr(code, name)) for name in names)
