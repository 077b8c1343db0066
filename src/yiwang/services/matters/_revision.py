"""What staff may change about an implementation list on a page, as form fields and back."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from yiwang.kernel.base.contracts import Invalid, Place
from yiwang.kernel.workdays.contracts import Limit, NotALimit
from yiwang.services.matters.contracts import Content, HandlingType, ImplementationView, Office

# name, label, kind; the rest of a list comes from its pack or its import.
_FIELDS = (
    ("handling_type", "办件类型", "handling"),
    ("statutory", "法定办结时限", "limit"),
    ("promised", "承诺办结时限", "limit"),
    ("promised_note", "承诺时限说明", "text"),
    ("visits", "到现场次数", "count"),
    ("phone", "咨询电话", "text"),
    ("supervision_phone", "监督电话", "text"),
    ("office_name", "办理地点", "text"),
    ("office_address", "地址", "text"),
    ("office_hours", "办理时间", "text"),
)
TEXT_MAX = 200


@dataclass(frozen=True, slots=True)
class FormField:
    name: str
    label: str
    type: str
    value: str
    help: str = ""
    options: tuple[tuple[str, str], ...] = ()


def fields_of(matter: ImplementationView, given: Mapping[str, str] | None) -> list[FormField]:
    """The form as it stands, or as it was sent."""
    shown = []
    for name, label, kind in _FIELDS:
        value = given.get(name, "") if given is not None else _stored(matter, name)
        if kind == "handling":
            options = (("", "清单未载明"), *((each.value, each.label) for each in HandlingType))
            shown.append(FormField(name, label, "select", value, options=options))
        else:
            hint = "如 5个工作日、20日" if kind == "limit" else ""
            shown.append(FormField(name, label, "number" if kind == "count" else "text", value, hint))
    return shown


def read(matter: ImplementationView, given: Mapping[str, str]) -> Content:
    """The new content: what the form holds over what was there. Raises Invalid with every wrong field."""
    values: dict[str, Any] = {}
    wrong: list[Place] = []
    for name, label, kind in _FIELDS:
        try:
            values[name] = _value(kind, given.get(name, "").strip()[:TEXT_MAX])
        except (ValueError, NotALimit):
            wrong.append(Place(name, f"{label}填写有误。"))
    if wrong:
        raise Invalid("还有内容没有填对。", places=wrong, code="matters.bad-revision")
    office = Office(values.pop("office_name"), values.pop("office_address"), values.pop("office_hours"))
    offices = (replace(office, phone=values["phone"]), *matter.offices[1:]) if office.name else matter.offices[1:]
    return replace(matter.content, **values, offices=offices)


def _value(kind: str, text: str) -> Any:
    if kind == "limit":
        return Limit.parse(text) if text else None
    if kind == "count":
        return _count(text) if text else None
    if kind == "handling":
        return HandlingType(text) if text else None
    return text


def _count(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 9:
        raise ValueError(text)
    return number


def _stored(matter: ImplementationView, name: str) -> str:
    if name.startswith("office_"):
        office = matter.offices[0] if matter.offices else Office("", "")
        return str(getattr(office, name.removeprefix("office_")))
    value = getattr(matter, name)
    if isinstance(value, Limit):
        return str(value)
    return "" if value is None else str(getattr(value, "value", value))
