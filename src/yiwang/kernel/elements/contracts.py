"""A data element, a code list, and what can be wrong with a value."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from yiwang.kernel.base.contracts import Invalid, NotFound
from yiwang.kernel.packs.contracts import Text

LANDLINE_PATTERN = r"(?:0\d{2,3}-?)?[2-8]\d{6,7}(?:-\d{1,6})?|400-?\d{3}-?\d{4}|1[0-2]\d{3}"
PHONE_PATTERN = rf"1[3-9]\d{{9}}|{LANDLINE_PATTERN}"


class ElementType(StrEnum):
    TEXT = "text"
    CODE = "code"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    DATETIME = "datetime"
    BOOL = "bool"
    ID_NUMBER = "id-number"
    USCC = "uscc"
    PHONE = "phone"
    FILE = "file"
    ADDRESS = "address"


class Sensitivity(StrEnum):
    """Classes of the Personal Information Protection Law: article 28 lists what is sensitive."""

    GENERAL = "general"
    PERSONAL = "personal"
    SENSITIVE = "sensitive"


class Moment(StrEnum):
    """On which side of today a date lies."""

    PAST = "past"
    FUTURE = "future"


class NoSuchElement(NotFound):
    code = "elements.no-such-element"


class NoSuchCodeList(NotFound):
    code = "elements.no-such-code-list"


class NotThisElement(Invalid):
    """A raw value that the element does not admit."""

    code = "elements.not-this-element"


@dataclass(frozen=True, slots=True)
class CodeItem:
    """One code; `is_offered` is False for codes that records may hold but forms do not offer (未说明的性别)."""

    code: str
    name: Text
    is_offered: bool = True


@dataclass(frozen=True, slots=True)
class CodeList:
    """Codes in their order."""

    id: str
    title: Text
    items: tuple[CodeItem, ...]
    gb_identifier: str = ""

    def find(self, code: str) -> CodeItem | None:
        return next((item for item in self.items if item.code == code), None)

    def named(self, name: str) -> CodeItem | None:
        """By its Chinese name, for imports that carry names."""
        return next((item for item in self.items if item.name == name), None)

    @property
    def offered(self) -> tuple[CodeItem, ...]:
        return tuple(item for item in self.items if item.is_offered)


@dataclass(frozen=True, slots=True)
class Element:
    """What a value is: `authority` names the register that answers for it (一数一源), if one does."""

    id: str
    title: Text
    type: ElementType
    sensitivity: Sensitivity
    authority: str | None = None
    code_list: str | None = None
    max_length: int | None = None
    min_length: int | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    places: int = 0
    pattern: str = ""
    pattern_hint: str = ""
    pattern_hint_en: str = ""
    check_digit: str | None = None
    moment: Moment | None = None
    unit: str = ""
    gb_identifier: str = ""
    help: Text | None = None

    @property
    def rule_type(self) -> str:
        """The type this value has in a rule (kernel.rules)."""
        same = (ElementType.CODE, ElementType.INTEGER, ElementType.DECIMAL, ElementType.DATE, ElementType.BOOL)
        if self.type in same:
            return str(self.type)
        return "date" if self.type is ElementType.DATETIME else "text"
