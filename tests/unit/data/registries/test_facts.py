"""What the registries' packs say that they answer, as forms and rules ask for it."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from tests.world import AT, DISTRICT, VILLAGE, World
from yiwang.data.registries import actions
from yiwang.data.registries.contracts import EnrolmentRecord, HouseholdRecord, MarriageRecord, PersonRecord
from yiwang.data.registries.kinds import RegistryPack
from yiwang.kernel.audit import queries as audit
from yiwang.kernel.base.contracts import SYSTEM, PackInvalid
from yiwang.kernel.forms import actions as forms
from yiwang.kernel.forms.contracts import Fact, Subject, source_title, sources_for
from yiwang.kernel.people.contracts import PartyView

BOOK = "990102000000001"
EMPLOYEE, RESIDENT = "medical-employee", "medical-resident"


def asked(number: str, *elements: str, kind: str = "person") -> Mapping[str, Fact]:
    subject = Subject(None, number, kind)
    found = forms.look_up(
        subject=subject, wanted=elements, purpose="办理参保登记", authority="社会保险法第五十八条", case_number=None, by=SYSTEM, at=AT
    )  # fmt: skip
    return found.facts


def values(facts: Mapping[str, Fact]) -> dict[str, Any]:
    return {name: fact.value for name, fact in facts.items()}


@pytest.fixture
def couple(world: World) -> World:
    """Both in the population, in one household book of which he is the head."""
    book = HouseholdRecord(BOOK, "family", VILLAGE, "望湖社区12号", world.father.subject_key)
    both = [resident(world.mother, "2", "10"), resident(world.father, "1", "02")]
    actions.load(households=[book], people=both, by=SYSTEM, at=AT)
    return world


def resident(party: PartyView, sex: str, relation: str) -> PersonRecord:
    born_on = date.fromisoformat(party.id_number[6:14])
    return PersonRecord(
        party.id_number, party.name, sex, born_on, "01", VILLAGE, "望湖社区12号", BOOK, relation, "13900000001"
    )


def insured(person: PartyView, scheme: str, *, until: date | None = None) -> EnrolmentRecord:
    return EnrolmentRecord(person.subject_key, scheme, VILLAGE, date(2024, 1, 1), until)


def test_an_insurance_in_force_answers_and_is_disclosed(couple: World) -> None:
    actions.load(enrolments=[insured(couple.mother, EMPLOYEE)], by=SYSTEM, at=AT)
    facts = asked(couple.mother.id_number, "insurance.scheme", "insurance.since", "insurance.year")
    assert values(facts) == {"insurance.scheme": EMPLOYEE, "insurance.since": "2024-01-01"}
    assert {fact.source for fact in facts.values()} == {"insurance"}
    assert source_title("insurance", language="en") == "the medical insurance"
    (told,) = audit.disclosures_of(couple.mother.subject_key).items
    assert tuple(told.elements) == ("insurance.scheme", "insurance.since")


@pytest.mark.parametrize("second", [insured, lambda person, scheme: insured(person, scheme, until=date(2025, 1, 1))])
def test_of_two_in_force_neither_is_the_answer_and_one_that_ended_says_nothing(couple: World, second: Any) -> None:
    actions.load(enrolments=[insured(couple.mother, EMPLOYEE), second(couple.mother, RESIDENT)], by=SYSTEM, at=AT)
    facts = asked(couple.mother.id_number, "insurance.scheme")
    assert values(facts) == ({} if second is insured else {"insurance.scheme": EMPLOYEE})
    (source,) = [each.source for each in sources_for("insurance.scheme") if each.name == "insurance"]
    records = source.lists(  # type: ignore[attr-defined]
        Subject(None, couple.mother.id_number, "person"), {"insurance.scheme"}, purpose="", case_number=None, by=SYSTEM, at=AT
    )  # fmt: skip
    assert len(records) == (2 if second is insured else 1)


def test_a_spouse_is_named_from_either_side_until_the_marriage_ends(couple: World) -> None:
    record = MarriageRecord("J1", couple.father.subject_key, couple.mother.subject_key, date(2020, 5, 20), "990102")
    actions.load(marriages=[record], by=SYSTEM, at=AT)
    wanted = ("marriage.spouse-name", "marriage.spouse-id-number", "marriage.certificate-no")
    of_her = values(asked(couple.mother.id_number, *wanted))
    assert of_her == dict(zip(wanted, (couple.father.name, couple.father.id_number, "J1"), strict=True))
    assert values(asked(couple.father.id_number, wanted[0])) == {wanted[0]: couple.mother.name}
    ended = {"certificate_no": "J1", "ended_on": "2026-11-01"}
    row = ended | {"husband_id": couple.father.id_number, "wife_id": couple.mother.id_number}
    actions.hand_over(registry="marriage", rows=[row], by=SYSTEM, at=AT + timedelta(days=1))
    assert asked(couple.mother.id_number, *wanted) == {}


def test_the_household_is_found_through_the_person(couple: World) -> None:
    facts = values(asked(couple.mother.id_number, "household.kind", "household.head-name", "household.book-no"))
    assert facts["household.head-name"] == couple.father.name
    assert facts["household.kind"] == "1"
    assert facts["household.book-no"] == BOOK


def test_credit_records_answer_for_firms_and_never_for_a_person(couple: World) -> None:
    row = {"record_no": "credit-cn:1", "uscc": couple.firm.id_number, "kind": "行政处罚", "region_code": DISTRICT}
    actions.hand_over(registry="credit", rows=[row], by=SYSTEM, at=AT)
    assert values(asked(couple.firm.id_number, "credit.kind", kind="firm")) == {"credit.kind": "行政处罚"}
    assert asked(couple.mother.id_number, "credit.kind", "firm.name") == {}


def part(**said: Any) -> dict[str, Any]:
    return {
        "kind": "Registry", "id": "x", "title": "某库", "units": ["data-bureau"], "flow": "f", "of": "relation", "key": "no",
        "links": ["who"], "columns": [{"name": name, "element": f"x.{name}"} for name in ("no", "who", "end")], "answers": [said],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ({"of": "who", "through": "population", "columns": ["no"]}, "只写一个"),
        ({"of": "who"}, "没有写答复哪些列"),
        ({"of": "who", "columns": ["nothing"]}, "没有“nothing”"),
        ({"of": "end", "columns": ["no"]}, "“end”不指明是谁"),
        ({"of": "who", "names": {"end": "person.name"}}, "“end”不指明是谁"),
    ],
)
def test_answers_that_no_registry_can_give_are_refused(said: dict[str, Any], word: str) -> None:
    with pytest.raises((PackInvalid, ValueError), match=word):
        RegistryPack.model_validate(part(**said))
