"""Loading and reading the population and legal persons."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection, transaction

from yiwang.data.registries import actions, queries
from yiwang.data.registries.contracts import (
    AlreadyRegistered,
    HouseholdRecord,
    KinshipRecord,
    MarriageRecord,
    NotRegistered,
    PersonRecord,
)
from yiwang.kernel.base.codes import id_check_digit
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.base.sealing import sealed_index

AT = datetime(2026, 11, 23, 2, tzinfo=UTC)
VILLAGE = "990102001001"


def person(serial: int, name: str, born_on: date, sex: str, relation: str) -> PersonRecord:
    first = f"990102{born_on:%Y%m%d}{serial:03d}"
    return PersonRecord(
        id_number=first + id_check_digit(first),
        name=name,
        sex=sex,
        born_on=born_on,
        ethnicity="01",
        region_code=VILLAGE,
        address="望湖社区12号",
        household_no="990102000000001",
        relation=relation,
        phone="13800000001",
    )


FATHER = person(1, "周景行", date(1994, 9, 2), "1", "02")
MOTHER = person(2, "林知夏", date(1996, 4, 18), "2", "10")
CHILD = person(3, "周望舒", date(2026, 11, 20), "1", "20")


def key(record: PersonRecord) -> str:
    return sealed_index(record.id_number)


@pytest.fixture
def family(db: None) -> None:
    actions.load(
        households=[HouseholdRecord("990102000000001", "family", VILLAGE, "望湖社区12号", key(FATHER))],
        people=[MOTHER, FATHER],
        marriages=[MarriageRecord("J1", key(FATHER), key(MOTHER), date(2020, 5, 20), "990102")],
        by=SYSTEM,
        at=AT,
    )


def test_a_person_reads_back_as_loaded(family: None) -> None:
    found = queries.person(key(MOTHER))
    assert (found.name, found.id_number, found.phone) == ("林知夏", MOTHER.id_number, "13800000001")


def test_personal_values_are_sealed_in_the_table(family: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(e::text, ' ') FROM registries_entry e")
        (text,) = cursor.fetchone()
    assert MOTHER.id_number not in text
    assert "林知夏".encode().hex() not in text
    assert MOTHER.phone.encode().hex() not in text


def test_the_head_stands_first_in_a_household(family: None) -> None:
    members = queries.household_of(key(MOTHER)).members
    assert [member.name for member in members] == ["周景行", "林知夏"]


def test_marriage_leads_to_the_spouse(family: None) -> None:
    marriage = queries.marriage_of(key(MOTHER))
    assert marriage is not None
    assert marriage.spouse_of(key(MOTHER)) == key(FATHER)


def test_who_is_not_registered_is_said_so(db: None) -> None:
    with pytest.raises(NotRegistered):
        queries.person("0" * 64)


def test_a_birth_is_taken_over_once(family: None) -> None:
    parents = (key(MOTHER), key(FATHER))
    born = actions.register_birth(person=CHILD, parent_keys=parents, by=SYSTEM, at=AT)
    assert queries.parents_of(born.subject_key) == list(parents)
    assert len(queries.household_of(key(MOTHER)).members) == 3
    with pytest.raises(AlreadyRegistered):
        actions.register_birth(person=CHILD, parent_keys=parents, by=SYSTEM, at=AT)


def test_a_duplicate_undoes_the_whole_load(family: None) -> None:
    with pytest.raises(AlreadyRegistered), transaction.atomic():
        actions.load(kinships=[KinshipRecord("a", "b")], people=[CHILD, CHILD], by=SYSTEM, at=AT)
    assert queries.find_person(key(CHILD)) is None
    assert queries.parents_of("b") == []


def test_a_repeated_enrolment_stands_once(family: None) -> None:
    for _ in range(2):
        actions.enrol(
            subject_key=key(MOTHER),
            scheme="medical-resident",
            region_code=VILLAGE,
            since=date(2026, 1, 1),
            by=SYSTEM,
            at=AT,
        )
    assert [e.scheme for e in queries.enrolments_of(key(MOTHER))] == ["medical-resident"]
