"""A one-thing with its matters and forms at hand, and where each field of each matter's form comes from. Reads packs only."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from yiwang.kernel.forms import queries as forms
from yiwang.kernel.forms.contracts import FieldDef, FormDef
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.packs.contracts import Pack, PackSet
from yiwang.kernel.rules import queries as rules
from yiwang.kernel.rules.contracts import Expression
from yiwang.services.journeys.contracts import NoSuchJourney
from yiwang.services.journeys.kinds import JOURNEY, JourneyPack, JourneyPart
from yiwang.services.matters import queries as matters
from yiwang.services.matters.contracts import MatterDefinition


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a field of a matter's form comes from: a field of the one form, an earlier part, or the office."""

    field: FieldDef
    union: str = ""  # name in the one-thing's form
    feed: str = ""  # `certificate.number`
    supplied: str = ""  # who enters it

    @property
    def is_mapped(self) -> bool:
        return bool(self.union or self.feed or self.supplied)


@dataclass(frozen=True, slots=True)
class PartBook:
    part: JourneyPart
    matter: MatterDefinition
    form: FormDef
    origins: tuple[Origin, ...]
    when: Expression | None


@dataclass(frozen=True, slots=True)
class Book:
    """A Journey pack with everything it names."""

    pack: Pack
    body: JourneyPack
    form: FormDef
    parts: Mapping[str, PartBook]

    def part_of(self, slot: str) -> PartBook:
        """By the slot of a part or of one of its copies (`card-2`)."""
        return self.parts[slot] if slot in self.parts else self.parts[slot.rpartition("-")[0]]


def open_book(journey_id: str, region_code: str = "") -> Book:
    """In general, or as its packs read in a region. Raises NoSuchJourney."""
    among = packs.current().at_region(region_code) if region_code else packs.current()
    pack = among.find(JOURNEY, journey_id)
    if pack is None:
        raise NoSuchJourney("没有这个一件事。", hint="请在首页重新查找。")
    return book(pack, among)


def book(pack: Pack, among: PackSet) -> Book:
    """Raises PackNotFound for a matter or form that is not there."""
    body = pack.as_type(JourneyPack)
    with packs.using(among):
        form = forms.get(body.form)
        return Book(pack, body, form, {part.slot: _part(part, form) for part in body.parts})


def _part(part: JourneyPart, one_form: FormDef) -> PartBook:
    matter = matters.definition(part.matter)
    form = forms.get(matter.form_id)
    union = {field.name: field for field in one_form.fields()}
    when = rules.compile(part.when, forms.condition_types(one_form)) if part.when else None
    return PartBook(part, matter, form, tuple(_origins(part, form, union)), when)


def _origins(part: JourneyPart, form: FormDef, union: Mapping[str, FieldDef]) -> Iterator[Origin]:
    fed = {need.to: need.source for need in part.needs}
    for field in form.fields():
        if field.name in fed:
            yield Origin(field, feed=fed[field.name])
        elif field.name in part.supplied:
            yield Origin(field, supplied=str(part.supplied[field.name]))
        else:
            yield Origin(field, union=_matching(field, part, union))


def _matching(field: FieldDef, part: JourneyPart, union: Mapping[str, FieldDef]) -> str:
    """The field of the one form with this name and element; failing that the only one with this element."""
    name = part.fields.get(field.name, field.name)
    if name in union:
        return name if union[name].element.id == field.element.id else ""
    same = [other.name for other in union.values() if other.element.id == field.element.id]
    return same[0] if len(same) == 1 else ""
