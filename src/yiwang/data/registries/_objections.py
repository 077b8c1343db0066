"""An objection to a registry as a case: whom it goes to, what it shows, and the correction that may come of it."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from yiwang.data.registries import models, queries
from yiwang.data.registries.contracts import CannotCorrect, RegistryView
from yiwang.kernel.base.sealing import sealed_index
from yiwang.kernel.elements import queries as elements
from yiwang.kernel.forms import queries as forms
from yiwang.kernel.forms.contracts import NoSuchField, NoSuchForm, ObjectionView, source_title
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.orgs.contracts import NobodyHandles, OrgView

FORM = "national.registries.objection-form"

# What a unit may put right here; all else comes with the next delivery of its own system.
PERSON: Mapping[str, str] = {
    "person.name": "name",
    "person.sex": "sex",
    "person.ethnicity": "ethnicity",
    "person.born-on": "born_on",
    "person.registered-address": "address",
}
FIRM: Mapping[str, str] = {
    "firm.name": "name",
    "firm.legal-representative": "legal_representative",
    "firm.address": "address",
}


def unit(registry: RegistryView, region_code: str) -> OrgView:
    """The first of the registry's kinds of unit that serves the region. Raises NobodyHandles."""
    for kind in registry.units[:-1]:
        try:
            return orgs.handling(kind, region_code)
        except NobodyHandles:
            continue
    return orgs.handling(registry.units[-1], region_code)


def region(said: ObjectionView, number: str) -> str:
    """Where the record is kept: the person's registered region, or the firm's."""
    person = queries.find_person(said.subject_key) if said.subject_key else None
    if person is not None:
        return person.region_code
    firm = queries.find_legal_person(number)
    return firm.region_code if firm else ""


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


def corrected(about: Mapping[str, str], raw: str) -> None:
    """Write the right value into the record. Raises CannotCorrect, NotThisElement."""
    element = elements.get(about["element"])
    value = elements.parse(element.id, raw)
    if element.id in PERSON:
        found = models.Person.objects.select_for_update().filter(subject_key=about["subject_key"]).first()
        _write(found, PERSON[element.id], value, _name_key)
    elif element.id in FIRM:
        firm = models.LegalPerson.objects.select_for_update().filter(uscc=about["uscc"]).first()
        _write(firm, FIRM[element.id], value, _nothing_more)
    else:
        raise CannotCorrect(f"“{element.title}”不能在这里直接更正。", hint="请在源系统更正后，选“已在源系统更正”。")


def _write(row: Any, column: str, value: Any, follow: Callable[[Any], list[str]]) -> None:
    if row is None:
        raise CannotCorrect("库中没有这条记录。", hint="请核对登记，或选“登记无误”并说明。")
    setattr(row, column, value if isinstance(value, date) else str(value))
    row.save(update_fields=[column, *follow(row)])


def _name_key(person: models.Person) -> list[str]:
    """Found by name as it stands now."""
    person.name_key = sealed_index(person.name)
    return ["name_key"]


def _nothing_more(row: Any) -> list[str]:
    return []
