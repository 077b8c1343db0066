"""From one file to another: persons, their household, marriage, parents and insurance out of the registries; firms of the house's own table."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

from django.utils import timezone

from yiwang.data.registries import _files, _standing, models
from yiwang.data.registries._files import Held
from yiwang.data.registries._own import FEMALE, HOUSEHOLDS, INSURANCE, MARRIAGES, PARENTS, POPULATION
from yiwang.data.registries.contracts import (
    EnrolmentRecord,
    Household,
    HouseholdRecord,
    LegalPersonRecord,
    MarriageRecord,
    NotRegistered,
    PersonRecord,
)
from yiwang.kernel.base.sealing import sealed_index

_BORN = slice(6, 14)
_PAGE = 1000


def person(subject_key: str) -> PersonRecord:
    """Raises NotRegistered."""
    found = find_person(subject_key)
    if found is None:
        raise NotRegistered("人口库中没有这个人。", hint="请核对证件号码,或到户籍派出所核实。")
    return found


def find_person(subject_key: str) -> PersonRecord | None:
    return people([subject_key]).get(subject_key)


def people(subject_keys: Collection[str]) -> dict[str, PersonRecord]:
    """The registered persons among `subject_keys`, in one query."""
    return {held.key: _person(held) for held in _files.many(POPULATION, subject_keys)}


def household_of(subject_key: str) -> Household:
    """The household book that a person stands in. Raises NotRegistered; two queries more."""
    return household(person(subject_key).household_no)


def household(book_no: str) -> Household:
    """With its living members, head first; two queries. Raises NotRegistered."""
    key = sealed_index(book_no)
    held = next(iter(_files.many(HOUSEHOLDS, [key])), None)
    if held is None:
        raise NotRegistered("户籍库中没有这本户口簿。", hint="请核对户号。")
    said, head = held.values, _first(held.links)
    members = [_person(each) for each in _files.linked(POPULATION, key)]
    record = HouseholdRecord(
        said.get("household_no", ""), said.get("kind", ""), said.get("region_code", ""), said.get("address", ""), head,
        _day(said, "registered_on"), _known_on(held),
    )  # fmt: skip
    living = (each for each in members if each.died_on is None)
    return Household(record, tuple(sorted(living, key=lambda member: member.subject_key != head)))


def women_born(first: date, last: date, *, after: int = 0, size: int = 200) -> list[tuple[int, PersonRecord]]:
    """Entry and record of living women born within two days, in the order of entries. Opens file after file: for the played demo."""
    found: list[tuple[int, PersonRecord]] = []
    while len(found) < size and (page := _files.after(POPULATION, after, _PAGE)):
        after = page[-1].pk
        women = ((held.pk, _person(held)) for held in page if held.is_here and held.values.get("sex") == FEMALE)
        found += [(pk, each) for pk, each in women if first <= each.born_on <= last and each.died_on is None]
    return found[:size]


def residents_born(
    first: date, last: date, *, stem: str, sex: str = "", after: int = 0, size: int = 5000
) -> list[tuple[int, str]]:
    """Row and subject key of living persons of a region (the stem of its code) born within two days, in the order of rows."""
    rows = models.Person.objects.filter(
        pk__gt=after, region_code__startswith=stem, born_on__range=(first, last), died_on=None
    )
    return list((rows.filter(sex=sex) if sex else rows).order_by("pk").values_list("pk", "subject_key")[:size])


def books(*, after: int = 0, size: int = 5000) -> list[tuple[int, str, str]]:
    """Entry, citizen number and household book of living persons in the order of entries: for handing the register on."""
    while page := _files.after(POPULATION, after, size):
        after = page[-1].pk
        living = [(held.pk, held.values) for held in page if held.is_here and "died_on" not in held.values]
        if living:
            return [(pk, said["id_number"], said.get("household_no", "")) for pk, said in living]
    return []


def marriage_of(subject_key: str) -> MarriageRecord | None:
    """The marriage in force, if any is registered."""
    return next((_marriage(held) for held in _in_force(MARRIAGES, subject_key, "ended_on")), None)


def parents_of(subject_key: str) -> list[str]:
    """Mother, then father, as far as they are known."""
    return [parent for held in _files.many(PARENTS, [subject_key]) for parent in held.links if parent]


def relatives_of(subject_key: str) -> dict[str, str]:
    """ID numbers of those whom a form about this person's family may be about, by role.

    `spouse`; `mother` and `father` as the parents of a child of this person would be; `household-head`.
    """
    found: dict[str, str] = {}
    own = find_person(subject_key)
    if own is None:
        return found
    marriage = marriage_of(subject_key)
    spouse = find_person(marriage.spouse_of(subject_key)) if marriage else None
    for someone in filter(None, (spouse, own)):
        found["mother" if someone.sex == FEMALE else "father"] = someone.id_number
    if spouse is not None:
        found["spouse"] = spouse.id_number
    head = next(iter(household(own.household_no).members), None)
    if head is not None:
        found["household-head"] = head.id_number
    return found


def enrolments_of(subject_key: str) -> list[EnrolmentRecord]:
    """Insurance schemes in force."""
    found = []
    for held in _in_force(INSURANCE, subject_key, "until"):
        said = held.values
        since = _day(said, "since") or date.min
        found.append(EnrolmentRecord(subject_key, said.get("scheme", ""), said.get("region_code", ""), since))
    return sorted(found, key=lambda each: each.scheme)


def find_legal_person(uscc: str) -> LegalPersonRecord | None:
    row = models.LegalPerson.objects.filter(uscc=uscc).first()
    return LegalPersonRecord(**_columns(row, LegalPersonRecord)) if row else None


def registered_firms(usccs: Collection[str]) -> set[str]:
    """Those of these unified social credit codes that are registered, in one query."""
    return set(models.LegalPerson.objects.filter(uscc__in=usccs).values_list("uscc", flat=True))


def firms_of(representative_key: str) -> list[LegalPersonRecord]:
    rows = models.LegalPerson.objects.filter(representative_key=representative_key).order_by("uscc")
    return [LegalPersonRecord(**_columns(row, LegalPersonRecord)) for row in rows[:200]]


def firms_after(after: int = 0, *, size: int = 5000) -> list[tuple[int, LegalPersonRecord]]:
    rows = models.LegalPerson.objects.filter(pk__gt=after).order_by("pk")[:size]
    return [(row.pk, LegalPersonRecord(**_columns(row, LegalPersonRecord))) for row in rows]


def population() -> dict[str, int]:
    """How many persons and households are reported, and how many firms are registered."""
    here = models.Entry.objects.filter(_standing.entries(), is_here=True)
    return {
        "people": here.filter(register__registry=POPULATION).count(),
        "households": here.filter(register__registry=HOUSEHOLDS).count(),
        "firms": models.LegalPerson.objects.count(),
    }


def _in_force(registry: str, subject_key: str, ended: str) -> list[Held]:
    return [held for held in _files.linked(registry, subject_key) if ended not in held.values]


def _person(held: Held) -> PersonRecord:
    said = held.values
    number = said["id_number"]
    return PersonRecord(
        id_number=number, name=said.get("name", ""), sex=said.get("sex", ""),
        # What a department left empty the number still says (GB 11643).
        born_on=_day(said, "born_on") or date.fromisoformat(number[_BORN]),
        ethnicity=said.get("ethnicity", ""), region_code=said.get("region_code", ""), address=said.get("address", ""),
        household_no=said.get("household_no", ""), relation=said.get("relation", ""), phone=said.get("phone", ""),
        died_on=_day(said, "died_on"), subject_key=held.key,
    )  # fmt: skip


def _marriage(held: Held) -> MarriageRecord:
    said, (husband, wife) = held.values, held.links
    return MarriageRecord(
        said.get("certificate_no", ""), husband, wife, _day(said, "registered_on") or date.min, said.get("office", ""),
        known_on=_known_on(held),
    )  # fmt: skip


def _known_on(held: Held) -> date | None:
    return None if held.is_direct or held.fresh_at is None else timezone.localdate(held.fresh_at)


def _day(said: Mapping[str, str], name: str) -> date | None:
    return date.fromisoformat(said[name]) if said.get(name) else None


def _first(links: Iterable[str]) -> str:
    return next(iter(links), "")


def _columns(row: Any, record: Any) -> dict[str, Any]:
    names: Iterable[str] = record.__dataclass_fields__
    return {name: getattr(row, name) for name in names}
