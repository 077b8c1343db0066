"""Answers out of a posted page, and which button was pressed."""

from typing import Any

from django.http import QueryDict

from yiwang.kernel.elements.contracts import ElementType
from yiwang.kernel.forms.contracts import Answers, FieldDef, FormDef, GroupDef


def answers(form: FormDef, data: QueryDict) -> Answers:
    """Names are paths: `mother_phone`, `children.0.name`; an item that was emptied stays, one that was not sent is gone."""
    found: Answers = {}
    for group in form.groups:
        if group.repeat:
            items = [
                _fields(group, data, f"{group.id}.{i}.") for i in range(group.repeat.max) if _is_sent(group, data, i)
            ]
            if items:
                found[group.id] = items
        else:
            found |= _fields(group, data, "")
    return found


def _is_sent(group: GroupDef, data: QueryDict, index: int) -> bool:
    return f"{group.id}.{index}" in data


def _fields(group: GroupDef, data: QueryDict, prefix: str) -> dict[str, Any]:
    read = {each.name: _value(each, data, prefix + each.name) for each in group.fields}
    return {name: value for name, value in read.items() if value not in (None, "", [])}


def _value(each: FieldDef, data: QueryDict, name: str) -> Any:
    if each.type is ElementType.FILE:
        return [int(one) for one in data.getlist(name) if one.isdecimal() and len(one) < 19]
    if each.is_multiple:
        return [one for one in data.getlist(name) if one]
    if each.type is ElementType.DATETIME and f"{name}.day" in data:
        return " ".join(part for part in (data.get(f"{name}.day"), data.get(f"{name}.clock")) if part)
    return data.get(name)


def intent(data: QueryDict) -> tuple[str, str]:
    """("add", group id), ("remove", "group.2"), ("upload", path) or ("next", "")."""
    for name in ("add", "remove", "upload"):
        if data.get(name):
            return name, str(data[name])
    return "next", ""


def file_fields(form: FormDef, given: Answers) -> list[tuple[str, FieldDef]]:
    """Paths of every file question, in repeated groups once per item."""
    found = []
    for group in form.groups:
        prefixes = [f"{group.id}.{i}." for i in range(len(given.get(group.id, ())))] if group.repeat else [""]
        for prefix in prefixes:
            found += [(prefix + each.name, each) for each in group.fields if each.type is ElementType.FILE]
    return found


def at(given: Answers, path: str) -> Any:
    home, name = _home(given, path)
    return home.get(name)


def put(given: Answers, path: str, value: list[int]) -> None:
    home, name = _home(given, path)
    home.pop(name, None)
    if value:
        home[name] = value


def _home(given: Answers, path: str) -> tuple[dict[str, Any], str]:
    parts = path.split(".")
    return (given, parts[0]) if len(parts) == 1 else (given[parts[0]][int(parts[1])], parts[2])


def rearrange(form: FormDef, given: Answers, data: QueryDict) -> None:
    """Carry out an "add" or "remove" button that was pressed without JavaScript."""
    what, where = intent(data)
    group_id, _, index = where.partition(".")
    group = next((one for one in form.groups if one.id == group_id and one.repeat), None)
    if group is None or group.repeat is None:
        return
    items = given.setdefault(group_id, [])
    if what == "add" and len(items) < group.repeat.max:
        items.append({})
    if what == "remove" and index.isdecimal() and int(index) < len(items):
        del items[int(index)]
