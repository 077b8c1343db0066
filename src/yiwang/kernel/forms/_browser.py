"""A form as form.js needs it: fields with their constraints, conditions as trees, sentences in the reader's language."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import override

from yiwang.kernel.forms._sentences import catalogue
from yiwang.kernel.forms.contracts import CheckDef, FieldDef, FormDef, GroupDef, Known
from yiwang.kernel.rules.contracts import Expression


def as_json(form: FormDef, language: str, today: date, known: Mapping[str, Known]) -> dict[str, Any]:
    with override("en" if language == "en" else "zh-hans"):
        return {
            "id": form.id,
            "hash": form.hash,
            "today": today.isoformat(),
            "groups": [_group(group, language) for group in form.groups],
            "checks": [_check(check, language) for check in form.checks],
            "catalogue": catalogue(),
            "known": _known(form, known),
        }


def _known(form: FormDef, known: Mapping[str, Known]) -> dict[str, Any]:
    """A value is masked on the page, so its plain form goes along only where a condition needs it; None: known, unsaid."""
    conditions = [c for each in form.fields() for c in (each.when, each.required_when)]
    conditions += [each.when for each in form.groups] + [each.when for each in form.checks]
    used = {name for condition in conditions if condition for name in condition.facts}
    fixed = {path: each.value for path, each in known.items() if not each.may_change}
    return {path: value if path.split(".")[-1] in used else None for path, value in fixed.items()}


def _group(group: GroupDef, language: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": group.id,
        "title": group.title.in_language(language),
        "fields": [_field(each, language) for each in group.fields],
    }
    if group.when:
        found["when"] = _tree(group.when)
    if group.repeat:
        noun = group.repeat.noun.in_language(language)
        found["repeat"] = {"min": group.repeat.min, "max": group.repeat.max, "noun": noun}
    return found


def _field(each: FieldDef, language: str) -> dict[str, Any]:
    e = each.element
    found: dict[str, Any] = {
        "name": each.name,
        "type": str(each.type),
        "label": each.label.in_language(language),
        "required": each.is_required,
        "requiredWhen": _tree(each.required_when),
        "when": _tree(each.when),
        "multiple": each.is_multiple,
        "files": each.files_max,
        "maxLength": e.max_length,
        "minLength": e.min_length,
        "minimum": None if e.minimum is None else str(e.minimum),
        "maximum": None if e.maximum is None else str(e.maximum),
        "places": e.places,
        "pattern": e.pattern,
        "patternHint": e.pattern_hint_en if language == "en" and e.pattern_hint_en else e.pattern_hint,
        "checkDigit": e.check_digit,
        "moment": str(e.moment) if e.moment else None,
        "unit": e.unit,
        "codes": [{"code": item.code, "name": str(item.name)} for item in each.codes.items] if each.codes else None,
    }
    return {key: value for key, value in found.items() if value not in (None, "", False)}


def _check(check: CheckDef, language: str) -> dict[str, Any]:
    return {"field": check.field, "when": _tree(check.when), "sentence": check.sentence.in_language(language)}


def _tree(expression: Expression | None) -> Any:
    return expression.as_json() if expression else None
