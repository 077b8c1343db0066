"""电子证明: what the registries say of a person, as the fields of a proof; and why one cannot be opened."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from yiwang.data.registries import queries as registries
from yiwang.data.registries.contracts import EnrolmentRecord, MarriageRecord, PersonRecord


@dataclass
class Known:
    """One person in the registries on a day; each register is asked once, and only when a proof needs it."""

    subject_key: str
    on: date

    @cached_property
    def person(self) -> PersonRecord | None:
        found = registries.find_person(self.subject_key)
        return found if found and found.died_on is None else None

    @cached_property
    def enrolment(self) -> EnrolmentRecord | None:
        rows = [row for row in registries.enrolments_of(self.subject_key) if row.until is None or row.until >= self.on]
        return max(rows, key=lambda row: row.since, default=None)

    @cached_property
    def marriage(self) -> MarriageRecord | None:
        return registries.marriage_of(self.subject_key)

    @cached_property
    def head(self) -> PersonRecord | None:
        if self.person is None or not self.person.household_no:
            return None
        return registries.find_person(registries.household(self.person.household_no).record.head_key)

    @cached_property
    def spouse(self) -> PersonRecord | None:
        return registries.find_person(self.marriage.spouse_of(self.subject_key)) if self.marriage else None


SOURCES: Mapping[str, Callable[[Known], Any]] = {
    "population.name": lambda known: known.person and known.person.name,
    "population.id_number": lambda known: known.person and known.person.id_number,
    "population.sex": lambda known: known.person and known.person.sex,
    "population.born_on": lambda known: known.person and known.person.born_on.isoformat(),
    "population.ethnicity": lambda known: known.person and known.person.ethnicity,
    "population.address": lambda known: known.person and known.person.address,
    "households.book_no": lambda known: known.person and known.person.household_no,
    "households.head_name": lambda known: known.head and known.head.name,
    "households.relation": lambda known: known.person and known.person.relation,
    "insurance.scheme": lambda known: known.enrolment and known.enrolment.scheme,
    "insurance.since": lambda known: known.enrolment and known.enrolment.since.isoformat(),
    "marriage.certificate_no": lambda known: known.marriage and known.marriage.certificate_no,
    "marriage.registered_on": lambda known: known.marriage and known.marriage.registered_on.isoformat(),
    "marriage.spouse_name": lambda known: known.spouse and known.spouse.name,
}
"""What a field of a proof may be filled from: the house's registers, one fact each."""


def said(known: Known, facts: Mapping[str, str]) -> dict[str, Any]:
    """The fields that have a fact; `facts` names the source of each."""
    found = {name: SOURCES[source](known) for name, source in facts.items()}
    return {name: value for name, value in found.items() if value not in (None, "")}
