"""An installation whose registers were seeded by older means: `fill` hands its tables over to files, once; what an entry knows better stays."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.unit.data.registries.test_registries import AT, CHILD, FATHER, MOTHER, VILLAGE, key
from yiwang.data.registries import actions, models, queries
from yiwang.data.registries.contracts import PersonRecord
from yiwang.kernel.audit.models import AuditRecord
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.base.sealing import sealed_index

BOOK, CERTIFICATE, USCC = "990102000000001", "J990102-2020-000077", "91990102MA00000012"
LATER = AT + timedelta(days=1)


def _row(record: PersonRecord) -> models.Person:
    said = {name: getattr(record, name) for name in PersonRecord.__dataclass_fields__}
    return models.Person(**said | {"subject_key": key(record), "name_key": sealed_index(record.name)})


@pytest.fixture
def former(db: None) -> None:
    """Tables as the release before registries wrote them; nothing of it is in a registry."""
    models.Person.objects.bulk_create([_row(FATHER), _row(MOTHER), _row(CHILD)])
    models.Household.objects.create(
        book_no=BOOK, kind="family", region_code=VILLAGE, address="望湖社区12号", head_key=key(FATHER)
    )
    models.Marriage.objects.create(
        certificate_no=CERTIFICATE, certificate_key=sealed_index(CERTIFICATE), husband_key=key(FATHER),
        wife_key=key(MOTHER), registered_on=date(2020, 5, 20), office="990102",
    )  # fmt: skip
    for parent in (FATHER, MOTHER):
        models.Kinship.objects.create(parent_key=key(parent), child_key=key(CHILD))
    models.Enrolment.objects.create(
        subject_key=key(MOTHER), scheme="medical-employee", region_code="990102000000", since=date(2018, 1, 1)
    )
    models.LegalPerson.objects.create(
        uscc=USCC, name="安澜市青禾面馆有限公司", kind="有限责任公司", legal_representative="林知夏",
        representative_key=key(MOTHER), region_code=VILLAGE, address="望湖社区1号", industry="餐饮业",
        established_on=date(2019, 5, 1), capital_fen=100, status="open",
    )  # fmt: skip


@pytest.mark.usefixtures("former")
def test_what_older_tables_hold_becomes_files() -> None:
    assert queries.population()["people"] == 0
    actions.fill(by=SYSTEM, at=AT)
    assert [member.name for member in queries.household_of(key(MOTHER)).members] == ["周景行", "林知夏", "周望舒"]
    assert queries.person(key(FATHER)).phone == FATHER.phone
    marriage = queries.marriage_of(key(MOTHER))
    assert marriage is not None
    assert (marriage.certificate_no, marriage.spouse_of(key(MOTHER))) == (CERTIFICATE, key(FATHER))
    assert set(queries.parents_of(key(CHILD))) == {key(FATHER), key(MOTHER)}
    assert [each.scheme for each in queries.enrolments_of(key(MOTHER))] == ["medical-employee"]
    firm = queries.file("legal-persons", sealed_index(USCC))
    assert {each.name: each.value for each in firm.values}["name"] == "安澜市青禾面馆有限公司"
    assert AuditRecord.objects.filter(event="registries.filled").count() == 1


@pytest.mark.usefixtures("former")
def test_once_more_changes_nothing_and_what_is_known_better_stays() -> None:
    moved = replace(MOTHER, address="柳岸社区5号")
    actions.load(people=[moved], by=SYSTEM, at=AT)
    first = actions.fill(by=SYSTEM, at=AT)
    numbers = {each.pk: each.number for each in models.Entry.objects.all()}
    assert actions.fill(by=SYSTEM, at=LATER) == first
    assert {each.pk: each.number for each in models.Entry.objects.all()} == numbers
    assert queries.person(key(MOTHER)).address == "柳岸社区5号"


@pytest.mark.usefixtures("former")
def test_entries_of_a_release_without_regions_are_placed() -> None:
    actions.fill(by=SYSTEM, at=AT)
    models.Entry.objects.update(region_code="", links=None)
    actions.fill(by=SYSTEM, at=LATER)
    placed = models.Entry.objects.get(register__registry="population", key=key(MOTHER))
    assert placed.region_code == VILLAGE
    assert queries.marriage_of(key(MOTHER)) is not None, "whom a certificate names is found again"
