"""Reading the house's own tables: persons, households, marriages, kinship, enrolments, firms. They lead from one to another."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from django.db.models import Q

from yiwang.data.registries import models
from yiwang.data.registries.contracts import (
    EnrolmentRecord,
    Household,
    HouseholdRecord,
    LegalPersonRecord,
    MarriageRecord,
    NotRegistered,
    PersonRecord,
)

FEMALE = "2"


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
    rows = models.Person.objects.filter(subject_key__in=subject_keys)
    return {row.subject_key: _person(row) for row in rows}


def household_of(subject_key: str) -> Household:
    """The household book that a person stands in. Raises NotRegistered; two queries more."""
    return household(person(subject_key).household_no)


def household(book_no: str) -> Household:
    row = models.Household.objects.filter(book_no=book_no).first()
    if row is None:
        raise NotRegistered("户籍库中没有这本户口簿。", hint="请核对户号。")
    members = models.Person.objects.filter(household_no=book_no, died_on=None)
    record = HouseholdRecord(**_columns(row, HouseholdRecord))
    ordered = sorted((_person(m) for m in members), key=lambda m: m.subject_key != record.head_key)
    return Household(record, tuple(ordered))


def women_born(first: date, last: date, *, after: int = 0, size: int = 200) -> list[tuple[int, PersonRecord]]:
    """Row and record of living women born within two days, in the order of rows."""
    rows = models.Person.objects.filter(pk__gt=after, sex=FEMALE, born_on__range=(first, last), died_on=None)
    return [(row.pk, _person(row)) for row in rows.order_by("pk")[:size]]


def residents_born(
    first: date, last: date, *, stem: str, sex: str = "", after: int = 0, size: int = 5000
) -> list[tuple[int, str]]:
    """Row and subject key of living persons of a region (the stem of its code) born within two days, in the order of rows."""
    rows = models.Person.objects.filter(
        pk__gt=after, region_code__startswith=stem, born_on__range=(first, last), died_on=None
    )
    return list((rows.filter(sex=sex) if sex else rows).order_by("pk").values_list("pk", "subject_key")[:size])


def books(*, after: int = 0, size: int = 5000) -> list[tuple[int, str, str]]:
    """Row, citizen number and household book of living persons in the order of rows: for handing the register on."""
    rows = models.Person.objects.filter(pk__gt=after, died_on=None).order_by("pk")
    found = rows.values_list("pk", "id_number", "household_no")[:size]
    return [(pk, str(number), book) for pk, number, book in found]


def marriage_of(subject_key: str) -> MarriageRecord | None:
    """The marriage in force, if any is registered."""
    row = models.Marriage.objects.filter(Q(husband_key=subject_key) | Q(wife_key=subject_key), ended_on=None).first()
    return MarriageRecord(**_columns(row, MarriageRecord)) if row else None


def parents_of(subject_key: str) -> list[str]:
    rows = models.Kinship.objects.filter(child_key=subject_key)
    return list(rows.order_by("id").values_list("parent_key", flat=True))


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
    rows = models.Enrolment.objects.filter(subject_key=subject_key, until=None).order_by("scheme")
    return [EnrolmentRecord(**_columns(row, EnrolmentRecord)) for row in rows]


def find_legal_person(uscc: str) -> LegalPersonRecord | None:
    row = models.LegalPerson.objects.filter(uscc=uscc).first()
    return LegalPersonRecord(**_columns(row, LegalPersonRecord)) if row else None


def registered_firms(usccs: Collection[str]) -> set[str]:
    """Those of these unified social credit codes that are registered, in one query."""
    return set(models.LegalPerson.objects.filter(uscc__in=usccs).values_list("uscc", flat=True))


def firms_of(representative_key: str) -> list[LegalPersonRecord]:
    rows = models.LegalPerson.objects.filter(representative_key=representative_key).order_by("uscc")
    return [LegalPersonRecord(**_columns(row, LegalPersonRecord)) for row in rows[:200]]


def people_after(after: int = 0, *, size: int = 5000) -> list[tuple[int, PersonRecord]]:
    """Row and record of the persons in the house's own table, in the order of rows."""
    return [(row.pk, _person(row)) for row in models.Person.objects.filter(pk__gt=after).order_by("pk")[:size]]


def firms_after(after: int = 0, *, size: int = 5000) -> list[tuple[int, LegalPersonRecord]]:
    rows = models.LegalPerson.objects.filter(pk__gt=after).order_by("pk")[:size]
    return [(row.pk, LegalPersonRecord(**_columns(row, LegalPersonRecord))) for row in rows]


def population() -> dict[str, int]:
    """How many living persons, households and firms are registered."""
    return {
        "people": models.Person.objects.filter(died_on=None).count(),
        "households": models.Household.objects.count(),
        "firms": models.LegalPerson.objects.count(),
    }


def _person(row: models.Person) -> PersonRecord:
    return PersonRecord(**{**_columns(row, PersonRecord), "phone": row.phone or ""})


def _columns(row: Any, record: Any) -> dict[str, Any]:
    names: Iterable[str] = record.__dataclass_fields__
    return {name: getattr(row, name) for name in names}
