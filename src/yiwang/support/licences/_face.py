"""What a licence says, line by line: the pack's order, the elements' way of speaking."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.translation import get_language, gettext

from yiwang.kernel.base import masking
from yiwang.kernel.base.contracts import Invalid, Place
from yiwang.kernel.elements import queries as elements
from yiwang.support.licences.contracts import FaceLine, MaskedLine, WrongFields
from yiwang.support.licences.kinds import FieldRule, LicenceTypePack

MASKS = {
    "name": masking.mask_name,
    "id": masking.mask_id_number,
    "phone": masking.mask_phone,
    "account": masking.mask_account,
    "address": masking.mask_address,
}


def cleaned(body: LicenceTypePack, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields as they are stored. Raises WrongFields with every place."""
    places: list[Place] = []
    known = {rule.name for rule in body.fields}
    places += [Place(name, "证照上没有这一项。") for name in fields if name not in known]
    stored: dict[str, Any] = {}
    for rule in body.fields:
        raw = fields.get(rule.name)
        if raw is None or raw == "":
            if rule.required:
                places.append(Place(rule.name, f"缺少{label(rule)}。"))
            continue
        try:
            stored[rule.name] = elements.as_json(elements.parse(rule.element, raw))
        except Invalid as wrong:
            places.append(Place(rule.name, wrong.message))
    if places:
        raise WrongFields("证照内容不完整或有误。", places=places, hint="请补齐或更正后再签发。")
    return stored


def label(rule: FieldRule) -> str:
    return (rule.label or elements.get(rule.element).title).in_language(get_language())


def lines(
    body: LicenceTypePack, names: Sequence[str], built_in: Mapping[str, str], fields: Mapping[str, Any]
) -> list[FaceLine]:
    """The lines of the face in the pack's order; what has no value has no line."""
    found = []
    for name in names:
        rule = body.field(name)
        if rule is None:
            found.append(FaceLine(name, built_in_label(body, name), built_in.get(name, "")))
        else:
            found.append(FaceLine(name, label(rule), spoken(rule, fields.get(name))))
    return [line for line in found if line.value]


def public_lines(body: LicenceTypePack, fields: Mapping[str, Any]) -> list[FaceLine]:
    """The fields that a stranger who holds the paper may compare, masked where the pack says so."""
    found = []
    for rule in body.fields:
        value = spoken(rule, fields.get(rule.name))
        if value and rule.public != "hidden":
            found.append(
                FaceLine(rule.name, label(rule), MASKS[rule.mask](value) if rule.public == "masked" else value)
            )
    return found


def masked_lines(body: LicenceTypePack, fields: Mapping[str, Any]) -> list[MaskedLine]:
    """The fields as a clerk first sees them: each hidden or masked one can be opened."""
    found = []
    for rule in body.fields:
        value = spoken(rule, fields.get(rule.name))
        if value:
            hidden = "＊＊＊＊" if rule.public == "hidden" else MASKS[rule.mask](value)
            is_shown = rule.public == "shown"
            found.append(MaskedLine(rule.name, label(rule), value if is_shown else hidden, not is_shown))
    return found


def shown_number(body: LicenceTypePack, number: str) -> str:
    return masking.mask_id_number(number) if body.number.public == "masked" else number


def built_in_label(body: LicenceTypePack, name: str) -> str:
    is_firm = body.holder == "firm"
    return {
        "holder": gettext("名称") if is_firm else gettext("持证人"),
        "holder_id": gettext("统一社会信用代码") if is_firm else gettext("证件号码"),
        "number": gettext("编号"),
        "issuer": gettext("签发机关"),
        "issued_on": gettext("签发日期"),
        "validity": gettext("有效期"),
    }[name]


def day(value: date) -> str:
    return f"{value.year}年{value.month}月{value.day}日" if _is_chinese() else value.isoformat()


def period(start: date, end: date | None) -> str:
    return f"{day(start)} – {day(end)}" if end else gettext("长期")


def spoken(rule: FieldRule, value: object) -> str:
    return elements.display(rule.element, value, language="zh" if _is_chinese() else "en")


def language() -> str | None:
    return get_language()


def _is_chinese() -> bool:
    return not (get_language() or "").startswith("en")
