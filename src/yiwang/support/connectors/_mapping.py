"""From a case's data to their fields, and from their answer to our choice and facts."""

from collections.abc import Mapping
from typing import Any

from yiwang.kernel.base.contracts import Place
from yiwang.support.connectors.contracts import CannotMap
from yiwang.support.connectors.kinds import OutsideSystem, ResultMap, Subject

SENTENCE_MAX = 300


def to_fields(subject: Subject, data: Mapping[str, Any]) -> dict[str, Any]:
    """The message's fields. Raises CannotMap naming every required value that is not there."""
    fields: dict[str, Any] = dict(subject.constants)
    missing = []
    for name, entry in subject.fields.items():
        value = dig(data, entry.source)
        if value in (None, "") and entry.element:
            value = data.get(entry.element)
        if value not in (None, ""):
            fields[name] = value
        elif entry.is_required:
            missing.append(Place(entry.source, f"缺少对方系统必需的“{name}”。"))
    if missing:
        raise CannotMap("这件业务还缺对方系统必需的内容,不能推送。", places=missing, hint="请补齐后再推送。")
    return fields


def read_result(subject: Subject, outcome: str, payload: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Our choice for their outcome (the same word unless the pack says otherwise) and the facts that came along."""
    known = subject.results.get(outcome, ResultMap())
    facts = {name: dig(payload, source) for name, source in known.facts.items()}
    return known.choice or outcome, {name: value for name, value in facts.items() if value is not None}


def sentence(payload: Mapping[str, Any]) -> str:
    found = payload.get("sentence")
    return found[:SENTENCE_MAX] if isinstance(found, str) else ""


def told_about(system: OutsideSystem, subject: Subject, fields: Mapping[str, Any]) -> dict[str, list[str]]:
    """ID number → elements of that person in the message: whom the message tells about, and what."""
    told: dict[str, list[str]] = {}
    for person, holder in subject.persons.items():
        number = fields.get(holder)
        if isinstance(number, str) and number:
            names = [
                entry.element or f"{system.id}.{name}"
                for name, entry in subject.fields.items()
                if entry.person == person and name in fields
            ]
            told.setdefault(number, []).extend(names)
    return told


def dig(data: Any, path: str) -> Any:
    """The value at `a.b.0.c`; a key that contains the dots itself is found first."""
    if isinstance(data, Mapping) and path in data:
        return data[path]
    head, _, tail = path.partition(".")
    if isinstance(data, Mapping):
        inner = data.get(head)
    elif isinstance(data, list | tuple) and head.isdigit() and int(head) < len(data):
        inner = data[int(head)]
    else:
        return None
    return dig(inner, tail) if tail else inner
