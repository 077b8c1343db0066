"""The registries as sources of facts for forms: which element is which column. They look; the form app discloses."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from yiwang.data.registries import queries
from yiwang.data.registries.contracts import Household, LegalPersonRecord, MarriageRecord, PersonRecord
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.sealing import sealed_index
from yiwang.kernel.forms.contracts import Fact, Subject, register_fact_source

PERSON: Mapping[str, Callable[[PersonRecord], Any]] = {
    "person.name": lambda p: p.name,
    "person.id-number": lambda p: p.id_number,
    "person.sex": lambda p: p.sex,
    "person.ethnicity": lambda p: p.ethnicity,
    "person.born-on": lambda p: p.born_on.isoformat(),
    "person.registered-address": lambda p: p.address,
    "person.region": lambda p: p.region_code,
    "household.book-no": lambda p: p.household_no,
}
HOUSEHOLD: Mapping[str, Callable[[Household], Any]] = {
    "household.kind": lambda h: h.record.kind,
    "household.head-name": lambda h: h.members[0].name if h.members else "",
    "household.address": lambda h: h.record.address,
}
MARRIAGE: Mapping[str, Callable[[MarriageRecord], Any]] = {
    "marriage.certificate-no": lambda m: m.certificate_no,
    "marriage.registered-on": lambda m: m.registered_on.isoformat(),
}
SPOUSE: Mapping[str, Callable[[PersonRecord], Any]] = {
    "marriage.spouse-name": lambda p: p.name,
    "marriage.spouse-id-number": lambda p: p.id_number,
}
FIRM: Mapping[str, Callable[[LegalPersonRecord], Any]] = {
    "firm.uscc": lambda f: f.uscc,
    "firm.name": lambda f: f.name,
    "firm.legal-representative": lambda f: f.legal_representative,
    "firm.type": lambda f: f.kind,
    "firm.status": lambda f: f.status,
    "firm.established-on": lambda f: f.established_on.isoformat(),
    "firm.address": lambda f: f.address,
}


class Population:
    """Persons and their household books."""

    def facts(
        self,
        subject: Subject,
        elements: set[str],
        *,
        purpose: str,
        case_number: str | None,
        by: Actor,
        at: datetime,
    ) -> Mapping[str, Fact]:
        """What is registered of one person; two queries, one more where the household is asked for."""
        person = queries.find_person(sealed_index(subject.id_number))
        if person is None:
            return {}
        found = _read(PERSON, person, elements)
        if elements & HOUSEHOLD.keys():
            found |= _read(HOUSEHOLD, queries.household(person.household_no), elements)
        return _facts(found, "population", at.date())


class Marriages:
    """Marriages in force. A marriage is never a condition of anything: where there is none, nothing is known."""

    def facts(
        self,
        subject: Subject,
        elements: set[str],
        *,
        purpose: str,
        case_number: str | None,
        by: Actor,
        at: datetime,
    ) -> Mapping[str, Fact]:
        key = sealed_index(subject.id_number)
        marriage = queries.marriage_of(key)
        if marriage is None:
            return {}
        found = _read(MARRIAGE, marriage, elements)
        if elements & SPOUSE.keys():
            spouse = queries.find_person(marriage.spouse_of(key))
            found |= _read(SPOUSE, spouse, elements) if spouse else {}
        return _facts(found, "marriage", at.date())


class LegalPersons:
    """Firms by their unified social credit code."""

    def facts(
        self,
        subject: Subject,
        elements: set[str],
        *,
        purpose: str,
        case_number: str | None,
        by: Actor,
        at: datetime,
    ) -> Mapping[str, Fact]:
        firm = queries.find_legal_person(subject.id_number) if subject.kind == "firm" else None
        return _facts(_read(FIRM, firm, elements), "legal-persons", at.date()) if firm else {}


def register() -> None:
    register_fact_source("population", [*PERSON, *HOUSEHOLD], Population(), title="户籍信息")
    register_fact_source("marriage", [*MARRIAGE, *SPOUSE], Marriages(), title="婚姻登记信息")
    register_fact_source("legal-persons", [*FIRM], LegalPersons(), title="企业登记信息")


def _read(columns: Mapping[str, Callable[[Any], Any]], record: Any, wanted: set[str]) -> dict[str, Any]:
    return {element: read(record) for element, read in columns.items() if element in wanted}


def _facts(values: Mapping[str, Any], source: str, as_of: date) -> dict[str, Fact]:
    return {name: Fact(value, source, as_of) for name, value in values.items() if value not in (None, "")}
