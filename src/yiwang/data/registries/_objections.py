"""An objection to a registry as a case: whom it goes to, what it shows, and the correction that may come of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from yiwang.data.catalogue.contracts import ResourceView
from yiwang.data.quality import actions as quality
from yiwang.data.quality.contracts import NewObjection
from yiwang.data.registries import _entering, _own, _standing, models, queries
from yiwang.data.registries._cells import Cell
from yiwang.data.registries.contracts import CannotCorrect, FileValue, FileView, RegistryView
from yiwang.data.registries.kinds import KeptRegistry
from yiwang.kernel.base.contracts import Actor, Invalid
from yiwang.kernel.base.sealing import sealed_index
from yiwang.kernel.elements import queries as elements
from yiwang.kernel.forms import actions as form_actions
from yiwang.kernel.forms import queries as forms
from yiwang.kernel.forms.contracts import NoSuchField, NoSuchForm, ObjectionView, source_title
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.orgs.contracts import NobodyHandles, OrgView
from yiwang.kernel.people.contracts import PartyView

FORM = "national.registries.objection-form"

# What a unit may put right here, by registry; all else comes with the next delivery of its own system.
OPEN_TO_CORRECTION: Mapping[str, frozenset[str]] = {
    _own.POPULATION: frozenset({"name", "sex", "ethnicity", "born_on", "address"}),
    _own.LEGAL_PERSONS: frozenset({"name", "legal_representative", "address"}),
}


def unit(registry: RegistryView, region_code: str) -> OrgView:
    """The first of the registry's kinds of unit that serves the region. Raises NobodyHandles."""
    for kind in registry.units[:-1]:
        try:
            return orgs.handling(kind, region_code)
        except NobodyHandles:
            continue
    return orgs.handling(registry.units[-1], region_code)


@transaction.atomic
def raised(registry: str, key: str, column: str, claimed: str, words: str, *, by: Actor, at: datetime) -> ObjectionView:
    """Written down and on its way: a value of a department's resource goes to that department, another to the unit that answers for the registry."""
    file = queries.file(registry, key)
    value = next((each for each in file.values if each.name == column), None)
    if value is None:
        raise Invalid("档案里没有这一项。", hint="请从档案里的项目选一个。")
    if resource := queries.resource_of(registry, value):
        return _object_at_source(resource, file, value, claimed, words, by=by, at=at)
    held = {
        "form": "", "field": column, "element": value.element_id, "source": registry, "subject": key,
        "held": value.value[:200],
    }  # fmt: skip
    return form_actions.object_to(held=held, claimed=claimed, words=words, by=by, at=at)


def _object_at_source(
    resource: ResourceView, file: FileView, value: FileValue, claimed: str, words: str, *, by: Actor, at: datetime
) -> ObjectionView:
    item = next(each.name for each in resource.items if each.element_id == value.element_id)
    number = queries.number_of(file)
    new = NewObjection(resource.code, item, number, value.value, claimed, words)
    return quality.object_to(new=new, by=by, at=at)


@dataclass(frozen=True, slots=True)
class About:
    """Whom an objection is about: where the record is kept, what the case calls them, and a firm's number."""

    region: str
    name: str
    uscc: str


def about(said: ObjectionView, party: PartyView | None) -> About:
    """From the file of the one whose record it is; of the one who objects where the record says no subject."""
    subject = said.subject_key or (party.subject_key if party else "")
    found: dict[str, str] = {}
    for registry in (_own.POPULATION, _own.LEGAL_PERSONS):
        found = found or queries.values_of(registry, subject)[0]
    uscc = (party.uscc if party else None) or found.get("uscc", "")
    return About(found.get("region_code", ""), party.name if party else found.get("name", ""), uscc)


def label(said: ObjectionView) -> str:
    """What the question was called; the element's own title when the form is there no more."""
    try:
        return str(forms.get(said.form_id).field(said.field).label)
    except (NoSuchForm, NoSuchField):
        return str(elements.get(said.element).title)


def data(said: ObjectionView, uscc: str) -> dict[str, Any]:
    """The case's sealed data: the objection as a form that the unit reads, and what a correction needs."""
    form = forms.get(FORM)
    answers = {
        "item": label(said),
        "register": source_title(said.source),
        "held": said.held,
        "claimed": said.claimed,
        "words": said.words,
    }
    return {
        "form": {"id": form.id, "hash": form.hash},
        "answers": {name: value for name, value in answers.items() if value},
        "objection": {"element": said.element, "subject_key": said.subject_key, "uscc": uscc},
    }


def corrected(about: Mapping[str, str], raw: str, *, case_number: str, at: datetime) -> None:
    """Write the right value into the registry, and into the table that hands over to it. Raises CannotCorrect, NotThisElement."""
    element = elements.get(about["element"])
    value = elements.as_json(elements.parse(element.id, raw))
    registry, column = _place(element.id)
    if column not in OPEN_TO_CORRECTION[registry]:
        raise CannotCorrect(f"“{element.title}”不能在这里直接更正。", hint="请在源系统更正后，选“已在源系统更正”。")
    key = about["subject_key"] if registry == _own.POPULATION else sealed_index(about["uscc"])
    rows = models.Entry.objects.filter(_standing.entries(), register__registry=registry, key=key)
    entry = rows.values_list("pk", "register_id").first()
    if entry is None:
        raise CannotCorrect("库中没有这条记录。", hint="请核对登记，或选“登记无误”并说明。")
    _write_row(registry, about, column, value)
    register = models.Register.objects.get(pk=entry[1])
    intake = _entering.handed_over(register, case_number=case_number, at=at)
    cell = Cell(str(value), f"case:{case_number}", timezone.localdate(at).isoformat(), intake.pk)
    _entering.put_right(intake, entry[0], column, cell, name_key=sealed_index(str(value)) if column == "name" else None)


def _place(element_id: str) -> tuple[str, str]:
    """The registry and column that keep an element. Raises CannotCorrect where none does."""
    for registry in OPEN_TO_CORRECTION:
        for column in queries.pack_of(registry).as_type(KeptRegistry).columns:
            if column.element == element_id:
                return registry, column.name
    title = elements.get(element_id).title
    raise CannotCorrect(f"“{title}”不能在这里直接更正。", hint="请在源系统更正后，选“已在源系统更正”。")


def _write_row(registry: str, about: Mapping[str, str], column: str, value: Any) -> None:
    """The same in the house's own table of firms; what came from the lake has no row there."""
    if registry == _own.LEGAL_PERSONS:
        models.LegalPerson.objects.filter(uscc=about["uscc"]).update(**{column: str(value)})
