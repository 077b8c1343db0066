"""What a scene can learn of whoever shows a code: each value with its element, whose it is, and the door it comes from."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext, gettext_noop

from yiwang.data.registries import queries as registries
from yiwang.kernel.base.masking import mask_name
from yiwang.kernel.people.contracts import PartyView
from yiwang.support.codes._code import CodeKind
from yiwang.support.codes.contracts import SeenValue
from yiwang.support.licences import queries as licences

PERSON, FIRM = frozenset({CodeKind.PERSON}), frozenset({CodeKind.FIRM})
ANYBODY = PERSON | FIRM


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who shows a code: the holder, and for a firm's code the person with the telephone."""

    kind: CodeKind
    party: PartyView
    shown_by: PartyView
    on: date
    account_id: int


Read = Callable[[Bearer, str], str | bool]


@dataclass(frozen=True, slots=True)
class Value:
    """`argument` names what stands after the colon in a pack; `element` is what the person's page says was told."""

    title: str
    element: str
    holders: frozenset[CodeKind]
    read: Read
    argument: str = ""
    of_agent: bool = False


@dataclass
class Told:
    """Values in the order of the scene, and which elements of whom they are."""

    values: list[SeenValue] = field(default_factory=list)
    elements: dict[str, set[str]] = field(default_factory=dict)


def _is_aged(bearer: Bearer, years: str) -> bool:
    found = registries.find_person(bearer.party.subject_key)
    return found is not None and found.age_on(bearer.on) >= int(years)


def _status(bearer: Bearer, _: str) -> str:
    found = registries.find_legal_person(bearer.party.id_number)
    return found.status if found else ""


VALUES = {
    "person.name": Value(gettext_noop("姓名"), "person.name", PERSON, lambda who, _: who.party.name),
    "person.name-masked": Value(
        gettext_noop("姓名（只显示姓）"), "person.name", PERSON, lambda who, _: mask_name(who.party.name)
    ),
    "person.id-type": Value(gettext_noop("证件类型"), "person.id-type", PERSON, lambda who, _: who.party.id_type),
    "person.id-number": Value(gettext_noop("证件号码"), "person.id-number", PERSON, lambda who, _: who.party.id_number),
    "person.phone": Value(gettext_noop("手机号码"), "person.phone", PERSON, lambda who, _: who.party.phone),
    "person.age-at-least": Value(gettext_noop("是否年满%(argument)s周岁"), "person.born-on", PERSON, _is_aged, "years"),
    "firm.name": Value(gettext_noop("企业名称"), "firm.name", FIRM, lambda who, _: who.party.name),
    "firm.uscc": Value(gettext_noop("统一社会信用代码"), "firm.uscc", FIRM, lambda who, _: who.party.id_number),
    "firm.status": Value(gettext_noop("登记状态"), "firm.status", FIRM, _status),
    "firm.phone": Value(gettext_noop("企业联系电话"), "firm.phone", FIRM, lambda who, _: who.party.phone),
    "firm.agent-name": Value(
        gettext_noop("经办人姓名"), "person.name", FIRM, lambda who, _: who.shown_by.name, of_agent=True
    ),
    "licence": Value(
        gettext_noop("是否持有%(argument)s"),
        "",
        ANYBODY,
        lambda who, type_id: licences.holds(who.party.subject_key, type_id, on=who.on),
        "licence",
    ),
}


def split(name: str) -> tuple[str, str]:
    """`licence:senior-card` is the value `licence` with an argument."""
    head, _, argument = name.partition(":")
    return head, argument


def element_of(name: str) -> str:
    head, _ = split(name)
    return VALUES[head].element or name


def title_of(name: str) -> str:
    """In the reader's language."""
    head, argument = split(name)
    said = gettext(VALUES[head].title) if head in VALUES else name
    if head == "licence":
        argument = next((str(pack.title) for pack in licences.types() if pack.id == argument), argument)
    return said % {"argument": argument} if argument else said


def read(bearer: Bearer, names: Iterable[str]) -> Told:
    """These values of whoever shows the code; those of the other kind of holder are left out."""
    told = Told()
    for name in names_for(bearer.kind, names):
        head, argument = split(name)
        value = VALUES[head]
        found = value.read(bearer, argument)
        told.values.append(SeenValue(name, title_of(name), found, _said(found)))
        whose = bearer.shown_by if value.of_agent else bearer.party
        told.elements.setdefault(whose.subject_key, set()).add(element_of(name))
    return told


def names_for(kind: CodeKind, names: Iterable[str]) -> list[str]:
    """Of these values those that such a holder has."""
    return [name for name in names if kind in VALUES[split(name)[0]].holders]


def _said(value: str | bool) -> str:
    if isinstance(value, bool):
        return gettext("是") if value else gettext("否")
    return value or gettext("没有登记")
