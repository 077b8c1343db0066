"""Answers as people read them: review pages, differences from registers, uploads."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import get_language

from yiwang.kernel.elements import queries as elements
from yiwang.kernel.elements.contracts import ElementType
from yiwang.kernel.forms.contracts import (
    Answers,
    Difference,
    FieldDef,
    FormDef,
    GroupDef,
    Known,
    SummaryGroup,
    SummaryLine,
    source_title,
)


def groups(form: FormDef, answers: Answers, known: Mapping[str, Known]) -> list[SummaryGroup]:
    found = [block for group in form.groups for block in _blocks(group, answers, known)]
    return [block for block in found if block.lines]


def _blocks(group: GroupDef, answers: Answers, known: Mapping[str, Known]) -> Iterator[SummaryGroup]:
    title = in_language(group.title)
    if not group.repeat:
        yield SummaryGroup(group.id, title, tuple(_lines(group, answers, "", known)))
        return
    items = answers.get(group.id)
    for i, item in enumerate(items if isinstance(items, list) else ()):
        number = f" {i + 1}" if len(items or ()) > 1 else ""
        yield SummaryGroup(f"{group.id}.{i}", f"{title}{number}", tuple(_lines(group, item, f"{group.id}.{i}.", known)))


def _lines(
    group: GroupDef, answers: Mapping[str, Any], prefix: str, known: Mapping[str, Known]
) -> Iterator[SummaryLine]:
    for each in group.fields:
        held = known.get(prefix + each.name)
        if held is not None and held.may_change:
            held = None
        value = held.value if held else answers.get(each.name)
        if value in (None, "", []):
            continue
        ids = tuple(value) if each.type is ElementType.FILE and isinstance(value, list) else ()
        yield SummaryLine(
            path=prefix + each.name,
            label=in_language(each.label),
            shown="" if ids else shown(each, value),
            is_known=held is not None,
            source_title=titled(held) if held else "",
            file_ids=ids,
        )


def shown(each: FieldDef, value: Any) -> str:
    """A stored value as people read it; what its element no longer admits is shown as it stands."""
    values = value if isinstance(value, list) else [value]
    try:
        return "、".join(elements.display(each.element.id, one, language=language()) for one in values)
    except Exception:  # noqa: BLE001 — an old answer must stay readable whatever became of its element
        return "、".join(str(one) for one in values)


def differences(form: FormDef, answers: Answers, known: Mapping[str, Known]) -> list[Difference]:
    found = []
    for path, each, answered in _answered(form, answers):
        held = known.get(path)
        if held is None or held.may_change or answered in (None, "") or str(answered) == str(held.value):
            continue
        label, said = in_language(each.label), shown(each, answered)
        found.append(Difference(path, label, said, held.shown, held.source_title, held.as_of))
    return found


def uploads(form: FormDef, answers: Answers) -> Iterator[tuple[str, list[int]]]:
    """(path, file ids) of every file question that has any."""
    for path, each, value in _answered(form, answers):
        if each.type is ElementType.FILE and isinstance(value, list) and value:
            yield path, value


def _answered(form: FormDef, answers: Answers) -> Iterator[tuple[str, FieldDef, Any]]:
    """(path, question, answer) of every question, in repeated groups once per item."""
    for group in form.groups:
        listed = answers.get(group.id) if group.repeat else None
        items = [(f"{group.id}.{i}.", item) for i, item in enumerate(listed)] if isinstance(listed, list) else []
        for prefix, item in items if group.repeat else [("", answers)]:
            for each in group.fields if isinstance(item, dict) else ():
                yield prefix + each.name, each, item.get(each.name)


def language() -> str:
    return "en" if (get_language() or "").startswith("en") else "zh"


def titled(held: Known) -> str:
    """What people call the register that said this."""
    return source_title(held.source, language=language(), otherwise=held.source_title)


def in_language(text: Any) -> str:
    return str(text.in_language(language()) if hasattr(text, "in_language") else text)
