"""What templates need to draw a form: one dict per group and question, in the reader's language."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils import timezone

from yiwang.kernel.base.contracts import Invalid
from yiwang.kernel.base.masking import mask_id_number
from yiwang.kernel.elements import queries as elements
from yiwang.kernel.elements.contracts import ElementType, Sensitivity
from yiwang.kernel.files import queries as files
from yiwang.kernel.files.contracts import ACCEPT, FileRef
from yiwang.kernel.forms import _engine, _summary, _token
from yiwang.kernel.forms._summary import in_language, titled
from yiwang.kernel.forms.contracts import Answers, FieldDef, FormDef, GroupDef, Known

CHIPS_MAX = 6
# What a phone may fill in by itself (WCAG 1.3.5).
AUTOFILL = {
    "person.phone": "tel",
    "person.address": "street-address",
    "delivery.phone": "tel",
    "delivery.recipient": "name",
    "delivery.address": "street-address",
}
INPUTS = {
    ElementType.DATE: ("date", ""),
    ElementType.DATETIME: ("datetime-local", ""),
    ElementType.PHONE: ("tel", "tel"),
    ElementType.INTEGER: ("text", "numeric"),
    ElementType.DECIMAL: ("text", "decimal"),
}


def groups(form: FormDef, answers: Answers, errors: Invalid | None, known: Mapping[str, Known]) -> list[dict[str, Any]]:
    """Every group with its questions; what the answers do not lead to is marked `is_off`, for form.js to show later."""
    shape = _engine.examine(form, answers, known=known, today=timezone.localdate())
    answers = _engine.with_known(form, answers, known)
    found = files.named({one for _, ids in _summary.uploads(form, answers) for one in ids})
    drawing = _Drawing(form, _messages(errors), known, set(shape.asked), found)
    return [drawing.group(group, answers) for group in form.groups]


def _messages(errors: Invalid | None) -> dict[str, str]:
    return {place.where: place.message for place in reversed(errors.places)} if errors else {}


class _Drawing:
    """One rendering: the same errors, known values and files for all groups."""

    def __init__(
        self,
        form: FormDef,
        errors: Mapping[str, str],
        known: Mapping[str, Known],
        asked: set[str],
        found: Mapping[int, FileRef],
    ) -> None:
        self.form, self.errors, self.known, self.asked, self.files = form, errors, known, asked, found

    def group(self, group: GroupDef, answers: Answers) -> dict[str, Any]:
        view: dict[str, Any] = {
            "id": group.id,
            "title": in_language(group.title),
            "help": in_language(group.help) if group.help else "",
            "error": self.errors.get(group.id, ""),
            "repeat": None,
        }
        if not group.repeat:
            view["fields"] = [self.field(each, each.name, answers.get(each.name)) for each in group.fields]
            view["is_off"] = not any(each["is_on"] for each in view["fields"])
            view["all_known"] = all(each["known"] for each in view["fields"] if each["is_on"])
            return view
        given = answers.get(group.id)
        items = [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []
        items += [{}] * max(0, group.repeat.min - len(items))
        view["repeat"] = {"min": group.repeat.min, "max": group.repeat.max, "noun": in_language(group.repeat.noun)}
        view["items"] = [self.item(group, i, item) for i, item in enumerate(items)]
        view["blank"] = self.item(group, "__i__", {})
        view["is_off"] = group.when is not None and not any(path.startswith(f"{group.id}.") for path in self.asked)
        return view

    def item(self, group: GroupDef, index: int | str, item: Mapping[str, Any]) -> dict[str, Any]:
        prefix = f"{group.id}.{index}."
        fields = [self.field(each, prefix + each.name, item.get(each.name)) for each in group.fields]
        return {"path": f"{group.id}.{index}", "index": index, "fields": fields}

    def field(self, each: FieldDef, path: str, value: Any) -> dict[str, Any]:
        kind, keyboard = INPUTS.get(each.type, ("text", ""))
        held = self.known.get(path)
        offer = held if held is not None and held.may_change else None
        if offer is not None:
            held = None
        return {
            "path": path,
            "label": in_language(each.label),
            "help": in_language(each.help) if each.help else "",
            "ask": in_language(each.ask) if each.ask else "",
            "error": self.errors.get(path, ""),
            "control": _control(each),
            "type": kind,
            "keyboard": keyboard,
            "unit": each.element.unit,
            "required": each.is_required,
            "is_conditional": each.required_when is not None,
            "is_on": path in self.asked or (each.when is None and "__i__" in path),
            "multiple": each.is_multiple or each.files_max > 1,
            "is_rare": _may_be_rare(each),
            "autocomplete": AUTOFILL.get(each.element.id, "off"),
            "options": list(_options(each, value)),
            "value": _typed(each, each.default if value is None and held is None else value),
            "maxlength": each.element.max_length if each.type in (ElementType.TEXT, ElementType.ADDRESS) else None,
            "known": self.held(each, held) if held else None,
            "offered_by": titled(offer) if offer and str(value) == str(offer.value) else "",
            "files": [self.files[one] for one in value or () if one in self.files] if isinstance(value, list) else [],
            "accept": "image/jpeg,image/png" if each.photo else ACCEPT,
            "photo": each.photo,
        }

    def held(self, each: FieldDef, held: Known) -> dict[str, Any]:
        is_number = each.type is ElementType.ID_NUMBER
        token = {"form": self.form.id, "field": each.name, "element": each.element.id, "source": held.source}
        token["subject"] = held.subject_key
        return {
            "shown": mask_id_number(held.shown) if is_number else held.shown,
            "source": titled(held),
            "as_of": held.as_of,
            "token": _token.make({**token, "held": held.shown}, at=timezone.now()),
        }


def _control(each: FieldDef) -> str:
    offered = each.codes.offered if each.codes else ()
    if each.type is ElementType.FILE:
        return "file"
    if each.type is ElementType.BOOL:
        return "radio"
    if each.type is ElementType.CODE:
        return "checkboxes" if each.is_multiple else "radio" if len(offered) <= CHIPS_MAX else "select"
    long = each.type is ElementType.ADDRESS or (each.element.max_length or 0) > 100
    return "textarea" if long and each.type in (ElementType.TEXT, ElementType.ADDRESS) else "input"


def _may_be_rare(each: FieldDef) -> bool:
    """Names of people; a bank's name is typed by everybody."""
    last = each.element.id.rsplit(".", 1)[-1]
    is_personal = each.element.sensitivity is not Sensitivity.GENERAL
    return each.type is ElementType.TEXT and is_personal and last.endswith(("name", "recipient", "representative"))


def _options(each: FieldDef, value: Any) -> Iterator[tuple[str, str, bool]]:
    chosen = {str(one) for one in value} if isinstance(value, list) else {_typed(each, value)}
    if each.type is ElementType.BOOL:
        for code, name in (("true", True), ("false", False)):
            yield code, elements.display(each.element.id, name, language=_summary.language()), code in chosen
    for item in each.codes.offered if each.codes else ():
        yield item.code, in_language(item.name), item.code in chosen


def _typed(each: FieldDef, value: Any) -> str:
    if value is None or isinstance(value, list | dict):
        return ""
    return {True: "true", False: "false"}.get(value, "") if isinstance(value, bool) else str(value)
