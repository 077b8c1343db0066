"""From a pack's text to a form with its elements and compiled conditions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from yiwang.kernel.elements.contracts import CodeList, Element, ElementType
from yiwang.kernel.forms.contracts import CheckDef, FieldDef, FormDef, GroupDef, Repeat
from yiwang.kernel.forms.kinds import FieldPart, FormPack, GroupPart
from yiwang.kernel.packs.contracts import Pack, Text
from yiwang.kernel.rules import queries as rules
from yiwang.kernel.rules.contracts import Expression

# The day on which the form is handed in; every condition may use it.
AS_OF = "as_of"

Elements = Callable[[str], Element]
CodeLists = Callable[[str], CodeList]


@dataclass(frozen=True, slots=True)
class Sources:
    """Where a form finds its elements and code lists."""

    element: Elements
    code_list: CodeLists


def rule_types(fields: Mapping[str, Element]) -> dict[str, str]:
    """The types that conditions see; files and many-valued answers are not facts."""
    return {AS_OF: "date", **{name: e.rule_type for name, e in fields.items() if e.type is not ElementType.FILE}}


def build(pack: Pack, sources: Sources) -> FormDef:
    """The form of a pack that has passed its checks."""
    body = pack.as_type(FormPack)
    parts = [part for group in body.groups for part in group.fields]
    elements = {part.name: sources.element(part.element) for part in parts}
    types = rule_types({p.name: elements[p.name] for p in parts if not p.multiple})

    def condition(text: str | None) -> Expression | None:
        return rules.compile(text, types) if text else None

    def field(part: FieldPart, group: GroupPart) -> FieldDef:
        element = elements[part.name]
        return FieldDef(
            name=part.name,
            element=element,
            label=part.label or element.title,
            help=part.help or element.help,
            is_required=part.required,
            required_when=condition(part.required_when),
            when=condition(part.when),
            ask=part.ask,
            subject=part.subject or group.subject or "",
            default=part.default,
            codes=sources.code_list(element.code_list) if element.code_list else None,
            is_multiple=part.multiple,
            files_max=part.files,
            photo=part.photo,
        )

    def group(part: GroupPart) -> GroupDef:
        repeat = Repeat(part.repeat.min, part.repeat.max, part.repeat.noun) if part.repeat else None
        fields = tuple(field(each, part) for each in part.fields)
        return GroupDef(part.id, part.title, fields, part.help, condition(part.when), repeat)

    checks = tuple(CheckDef(c.code, rules.compile(c.when, types), c.sentence, c.field) for c in body.checks)
    return FormDef(
        id=pack.id,
        version=pack.version,
        hash=pack.hash,
        title=Text(str(pack.title), pack.title.en),
        groups=tuple(group(each) for each in body.groups),
        checks=checks,
        purpose=body.purpose or str(pack.title),
        basis="；".join(f"{b.title}{f'第{b.article}条' if b.article else ''}" for b in body.legal_basis),
    )
