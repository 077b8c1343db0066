"""Reading data elements and code lists, and values in their terms."""

from datetime import date, datetime
from decimal import Decimal

from yiwang.kernel.elements import _parse
from yiwang.kernel.elements._parse import LEGAL_TIME, Value
from yiwang.kernel.elements.contracts import CodeList, Element, NoSuchCodeList, NoSuchElement
from yiwang.kernel.elements.kinds import CODE_LIST, ELEMENT, CodeListPack, ElementPack
from yiwang.kernel.packs import queries as packs


def find(element_id: str) -> Element | None:
    """The data element; None when absent."""
    pack = packs.find(ELEMENT, element_id)
    return pack.as_type(ElementPack).contract if pack else None


def get(element_id: str) -> Element:
    """The data element. Raises NoSuchElement."""
    element = find(element_id)
    if element is None:
        raise NoSuchElement(f"没有数据元“{element_id}”。", hint="请核对编号，或在配置包中添加。")
    return element


def all() -> list[Element]:  # noqa: A001  # the door's name
    """Every data element in force, by id."""
    return [pack.as_type(ElementPack).contract for pack in packs.all_of(ELEMENT)]


def code_list(list_id: str) -> CodeList:
    """A code list. Raises NoSuchCodeList."""
    pack = packs.find(CODE_LIST, list_id)
    if pack is None:
        raise NoSuchCodeList(f"没有代码集“{list_id}”。", hint="请核对编号，或在配置包中添加。")
    return pack.as_type(CodeListPack).contract


def label(list_id: str, code: str) -> str:
    """The Chinese name of a code; the code itself when the list has dropped it, so that old records stay readable."""
    item = code_list(list_id).find(code)
    return str(item.name) if item else code


def parse(element_id: str, raw: object, *, today: date | None = None) -> Value:
    """What a person typed, as the element's value (str, int, Decimal, date, aware datetime or bool).

    With `today`, dates are checked against the element's moment (past or future). Raises NotThisElement, an Invalid.
    """
    element = get(element_id)
    return _parse.parse(element, code_list(element.code_list) if element.code_list else None, raw, today)


def value_of(element: Element, raw: object, *, codes: CodeList | None = None, today: date | None = None) -> Value:
    """As `parse`, for an element and code list that the caller holds (a form's field under its own label)."""
    return _parse.parse(element, codes, raw, today)


def as_json(value: Value) -> str | int | bool:
    """A value as answers and packs store it; `parse` reads it back."""
    if isinstance(value, datetime):
        return value.astimezone(LEGAL_TIME).strftime("%Y-%m-%dT%H:%M")
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def display(element_id: str, value: object, *, language: str = "zh") -> str:
    """A stored value as people read it: 男性, 2026年9月24日, 3200克; empty for None."""
    if value is None or value == "":
        return ""
    element = get(element_id)
    if element.code_list:
        item = code_list(element.code_list).find(str(value))
        return item.name.in_language(language) if item else str(value)
    if isinstance(value, bool):
        return ("是" if value else "否") if language == "zh" else ("Yes" if value else "No")
    return _spoken(_parse.parse(element, None, value), language) + element.unit


def _spoken(value: Value, language: str) -> str:
    if isinstance(value, datetime):
        return f"{_spoken(value.date(), language)} {value:%H:%M}"
    if isinstance(value, date):
        return f"{value.year}年{value.month}月{value.day}日" if language == "zh" else value.isoformat()
    if isinstance(value, Decimal):
        return _number(value)
    return str(value)


def _number(value: Decimal) -> str:
    """Sums keep their two places; of more places the zeros at the end say nothing (100.0000万元)."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if len(text.partition(".")[2]) > 2 else text
