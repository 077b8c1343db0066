"""The dashed item codes of older provincial lists, as seen in 1,135 real items. Pure; no database.

Whole form   511A0138000000-511602000000-000-115113010833722043-1-00
Short form   E-000004-001-11511301008778386B

The organisation part is kept as written: besides credit codes it holds 9-sign organisation codes, the
same with a dash, credit codes that lost a sign, and fillers such as 2222222222222. `OrgMark.kind` says which.
Titles of `extension`, `nature` and `option` are inferred from the values met, no norm was at hand.
"""

import re
from dataclasses import dataclass
from typing import ClassVar

from yiwang.kernel.base.codes import is_uscc
from yiwang.services.matters._standard_codes import TYPES, BaseCode
from yiwang.services.matters.contracts import CodeUnreadable, Component, OrgMarkKind

# Letter of the item part → type of GB/T 39046 A.1. Group 3 mixes types, so it tells nothing.
_LETTERS = {
    "A": "01",
    "B": "02",
    "C": "03",
    "D": "04",
    "E": "09",
    "F": "07",
    "G": "05",
    "H": "08",
    "I": "06",
    "J": "10",
    "Z": "10",
}
_MARK = r"\d[A-Z]|" + "|".join(sorted(TYPES))
_ORG = r"[0-9A-Za-z]{6,18}|[0-9A-Z]{8}-[0-9X]"
_NUMBERED = re.compile(rf"(\d{{2}})({_MARK})(?:(\d{{2}})(\d{{3}})(\d{{3}})|(\d{{10}}))", re.ASCII)
_SERIAL = re.compile(r"(\d?[A-Z])-(\d{4,6})-(\d{3,5})", re.ASCII)
_WHOLE = re.compile(rf"(.+)-(\d{{12}})-(\d{{3}})-({_ORG})-(\d)-(\d{{2}})", re.ASCII)
_SHORT = re.compile(rf"(\d?[A-Z]-\d{{4,6}}-\d{{3,5}})-({_ORG})", re.ASCII)


@dataclass(frozen=True, slots=True)
class NumberedItem:
    """`51` + `1Z` + `07` `001` `006`; with 14 signs the sub-item has five digits.

    A letter mark with 14 signs numbers its main items right through (five digits), so `department` is empty.
    """

    province: str
    mark: str
    department: str
    main: str
    sub: str

    def __post_init__(self) -> None:
        widths = (len(self.department), len(self.main), len(self.sub))
        digits = self.department + self.main + self.sub
        right = widths in ((2, 3, 3), (0, 5, 5) if self.mark[-1].isalpha() else (2, 3, 5))
        if not (
            right
            and re.fullmatch(_MARK, self.mark, re.ASCII)
            and re.fullmatch(r"\d+", digits, re.ASCII)
            and re.fullmatch(r"\d{2}", self.province, re.ASCII)
        ):
            raise _unreadable(str(self))

    def __str__(self) -> str:
        return f"{self.province}{self.mark}{self.department}{self.main}{self.sub}"

    @property
    def components(self) -> tuple[Component, ...]:
        return (
            Component("province", "省码", self.province),
            Component("mark", "类别标记", self.mark),
            *([Component("department", "部门", self.department)] if self.department else []),
            Component("main", "主项", self.main),
            Component("sub", "子项", self.sub),
        )

    @property
    def base(self) -> BaseCode | None:
        """The standard base code, where this item already has its shape."""
        if self.mark not in TYPES or len(self.sub) != 3:
            return None
        return BaseCode(self.province, self.mark, self.department, self.main, self.sub)


@dataclass(frozen=True, slots=True)
class SerialItem:
    """`E-000010-001` or `1J-5100-00027`: a letter mark and two serial numbers."""

    mark: str
    main: str
    sub: str

    def __post_init__(self) -> None:
        if not _SERIAL.fullmatch(str(self)):
            raise _unreadable(str(self))

    def __str__(self) -> str:
        return f"{self.mark}-{self.main}-{self.sub}"

    @property
    def components(self) -> tuple[Component, ...]:
        return (
            Component("mark", "类别标记", self.mark),
            Component("main", "主项", self.main),
            Component("sub", "子项", self.sub),
        )

    @property
    def base(self) -> BaseCode | None:
        return None


@dataclass(frozen=True, slots=True)
class OrgMark:
    """The organisation part, as written."""

    text: str

    def __post_init__(self) -> None:
        if not re.fullmatch(_ORG, self.text, re.ASCII):
            raise CodeUnreadable(
                f"编码中的机构段“{self.text}”无法识别。",
                hint="应为统一社会信用代码或组织机构代码。",
            )

    @property
    def kind(self) -> OrgMarkKind:
        if len(self.text) == 18:
            return OrgMarkKind.USCC if self.uscc else OrgMarkKind.USCC_WRONG
        if len(self.text) == 17:
            return OrgMarkKind.USCC_SHORT
        return OrgMarkKind.ORGANISATION_CODE if self.organisation_code else OrgMarkKind.OTHER

    @property
    def uscc(self) -> str:
        """The credit code, or "" if this is not a right one; lower case is written large."""
        text = self.text.upper()
        return text if len(text) == 18 and is_uscc(text) else ""

    @property
    def organisation_code(self) -> str:
        """GB 11714, nine signs, or "" if this is not a right one."""
        bare = self.text.replace("-", "").upper()
        return bare if len(bare) == 9 and is_organisation_code(bare) else ""


@dataclass(frozen=True, slots=True)
class DashedCode:
    """Item, region, extension, organisation, nature of the organisation, handling option."""

    form: ClassVar = "dashed"

    item_mark: NumberedItem | SerialItem
    org: OrgMark
    region: str = ""
    extension: str = ""
    nature: str = ""
    option: str = ""

    def __post_init__(self) -> None:
        tail = (self.region, self.extension, self.nature, self.option)
        if not any(tail):
            if isinstance(self.item_mark, NumberedItem):
                raise _unreadable(str(self))
            return
        for value, width in zip(tail, (12, 3, 1, 2), strict=True):
            if not re.fullmatch(rf"\d{{{width}}}", value, re.ASCII):
                raise _unreadable(str(self))

    def __str__(self) -> str:
        if not self.region:
            return f"{self.item_mark}-{self.org.text}"
        head = f"{self.item_mark}-{self.region}-{self.extension}"
        return f"{head}-{self.org.text}-{self.nature}-{self.option}"

    @property
    def components(self) -> tuple[Component, ...]:
        org = Component("org", "实施主体", self.org.text)
        if not self.region:
            return (*self.item_mark.components, org)
        return (
            *self.item_mark.components,
            Component("region", "行政区划", self.region),
            Component("extension", "区划扩展", self.extension),
            org,
            Component("nature", "实施主体性质", self.nature),
            Component("option", "业务办理项", self.option),
        )

    @property
    def item(self) -> str:
        return str(self.item_mark)

    @property
    def matter_type(self) -> str | None:
        mark = self.item_mark.mark
        if mark in TYPES:
            return mark
        if mark[0] == "2":
            return "20"
        return None if mark[0] == "3" else _LETTERS.get(mark[-1])


def parse_dashed(text: str) -> DashedCode:
    """Raises CodeUnreadable."""
    if short := _SHORT.fullmatch(text):
        return DashedCode(_item(short[1]), OrgMark(short[2]))
    if not (whole := _WHOLE.fullmatch(text)):
        raise _unreadable(text)
    item, region, extension, org, nature, option = whole.groups()
    return DashedCode(_item(item), OrgMark(org), region, extension, nature, option)


def is_organisation_code(text: str) -> bool:
    """GB 11714: eight signs and a check sign; `text` without the dash."""
    if not re.fullmatch(r"[0-9A-Z]{8}[0-9X]", text, re.ASCII):
        return False
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    rest = 11 - sum(int(s, 36) * w for s, w in zip(text, weights, strict=False)) % 11
    return text[8] == {10: "X", 11: "0"}.get(rest, str(rest))


def _item(text: str) -> NumberedItem | SerialItem:
    if serial := _SERIAL.fullmatch(text):
        return SerialItem(*serial.groups())
    if not (numbered := _NUMBERED.fullmatch(text)):
        raise _unreadable(text)
    province, mark, department, main, sub, ten = numbered.groups()
    if not ten:
        return NumberedItem(province, mark, department, main, sub)
    if mark[-1].isalpha():
        return NumberedItem(province, mark, "", ten[:5], ten[5:])
    return NumberedItem(province, mark, ten[:2], ten[2:5], ten[5:])


def _unreadable(text: str) -> CodeUnreadable:
    return CodeUnreadable(
        f"旧事项编码“{text}”无法拆开。",
        hint="应为“事项-区划12位-3位-机构-1位-2位”，或“字母-序号-序号-机构”。",
    )
