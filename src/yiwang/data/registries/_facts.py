"""The registries as sources of facts for forms: which element is which column. They look; the form app discloses."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from yiwang.data.registries import _own, queries
from yiwang.data.registries.contracts import Household, MarriageRecord, PersonRecord
from yiwang.data.registries.kinds import KeptRegistry
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.sealing import sealed_index
from yiwang.kernel.forms.contracts import Fact, Subject, register_fact_source

# What the registries answer for in forms; which column of a registry an element is, its pack says.
PERSON = (
    "person.name", "person.id-number", "person.sex", "person.ethnicity", "person.born-on", "person.registered-address",
    "person.region", "household.book-no",
)  # fmt: skip
FIRM = (
    "firm.uscc", "firm.name", "firm.legal-representative", "firm.type", "firm.status", "firm.established-on", "firm.address",
    "firm.business-scope", "firm.registered-capital",
)  # fmt: skip
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

_BOOK = "household.book-no"


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
        """What the registry holds of one person; one query, two more where the household is asked for."""
        found = _held(_own.POPULATION, subject, elements | {_BOOK}, at)
        book = found[_BOOK].value if _BOOK in found else ""
        if book and elements & HOUSEHOLD.keys():
            home = queries.household(book)
            found |= _facts(_read(HOUSEHOLD, home, elements), "population", home.record.known_on or at.date())
        return {name: fact for name, fact in found.items() if name in elements}


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
        return _facts(found, "marriage", marriage.known_on or at.date())


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
        return _held(_own.LEGAL_PERSONS, subject, elements, at) if subject.kind == "firm" else {}


def register() -> None:
    register_fact_source("population", [*PERSON, *HOUSEHOLD], Population(), title="户籍信息")
    register_fact_source("marriage", [*MARRIAGE, *SPOUSE], Marriages(), title="婚姻登记信息")
    register_fact_source("legal-persons", [*FIRM], LegalPersons(), title="企业登记信息")


def _held(registry: str, subject: Subject, elements: set[str], at: datetime) -> dict[str, Fact]:
    """The values of a registry by their elements; one query. A register of the house itself is right now, another when it was read."""
    values, fresh_at = queries.values_of(registry, sealed_index(subject.id_number))
    columns = queries.pack_of(registry).as_type(KeptRegistry).columns if values else ()
    found = {each.element: values[each.name] for each in columns if each.name in values and each.element in elements}
    return _facts(found, registry, (fresh_at or at).date())


def _read(columns: Mapping[str, Callable[[Any], Any]], record: Any, wanted: set[str]) -> dict[str, Any]:
    return {element: read(record) for element, read in columns.items() if element in wanted}


def _facts(values: Mapping[str, Any], source: str, as_of: date) -> dict[str, Fact]:
    return {name: Fact(value, source, as_of) for name, value in values.items() if value not in (None, "")}
